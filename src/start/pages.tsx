import { type Context, Hono } from "hono";

import { withQuery } from "../../web/format.ts";
import { startPage, StartRegion } from "../../web/pages/start.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { StartProps } from "../../web/parts/start-form.tsx";
import type { AppEnv, ConvertFile, Deps, FetchDocument } from "../access/context.ts";
import { answerPage, formErrorsOf, noStore, passOnForbidden, readForm } from "../access/pages-form.ts";
import { readUpload } from "../access/pages-upload.ts";
import { requireAdmin } from "../access/rights.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { parseCollection } from "../collections/collection.ts";
import { createCollection, findCollection } from "../collections/store.ts";
import { parseNewEnvironment } from "../environments/environment.ts";
import { createEnvironment } from "../environments/store.ts";
import { resetRunnerKey } from "../fleet/keys.ts";
import { parseRunner, startCommand } from "../fleet/runner.ts";
import { createRunner, findRunner } from "../fleet/store.ts";
import { AppError } from "../lib/errors.ts";
import { listTimeZones } from "../lib/local-time.ts";
import { parseNewMonitor } from "../monitors/monitor.ts";
import { createMonitor } from "../monitors/store.ts";
import { triggerExecution } from "../runs/trigger.ts";
import { isReadOnly, loadShell } from "../workspaces/pages-shell.ts";
import { createWorkspace, findOwnWorkspaceId } from "../workspaces/store.ts";
import { openVariables } from "./open-variables.ts";
import { type Chosen, loadProgress } from "./progress.ts";

interface Readers {
  convert?: ConvertFile;
  fetchDocument?: FetchDocument;
}

/** `/start`: from nothing to the first result, one step after the other. */
export function startPages(deps: Deps, readers: Readers = {}): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/start", async (c) => {
    const props = await loadStart(
      c,
      deps,
      chosenOf((name) => c.req.query(name)),
    );
    return answerPage(c, startPage(props), <StartRegion {...props} />);
  });

  /** A step: on success on to the next with what came of it, else the page again with what was wrong. */
  const step = (
    path: string,
    fieldOfParam: Record<string, string>,
    act: (c: Context<AppEnv>, sent: SentStep) => Promise<Chosen | Response>,
  ) =>
    routes.post(`/start/${path}`, async (c) => {
      const form = await readForm(c);
      const chosen = chosenOf((name) => form.text(name) || undefined);
      try {
        const came = await act(c, { form, chosen });
        return came instanceof Response ? came : c.redirect(addressOf({ ...chosen, ...came }), 303);
      } catch (error) {
        passOnForbidden(error);
        const errors = formErrorsOf(error, fieldOfParam);
        return c.html(startPage(await loadStart(c, deps, chosen, { form, errors })), 400);
      }
    });

  step("workspace", {}, async (c, { form }) => {
    const name = form.text("name");
    if (name === "") throw problem("name", "Give the workspace a name.");
    const { id } = await createWorkspace(deps.database, c.get("actor"), { name, type: "team" });
    return { workspaceId: id };
  });

  step("collection", {}, async (c, sent) => {
    const workspaceId = await editable(c, deps, sent.chosen);
    return await takeFile(c, deps, readers, sent, workspaceId);
  });

  step("environment", {}, async (c, { form, chosen }) => {
    const workspaceId = await editable(c, deps, chosen);
    if (form.text("skip") !== "") return { environmentId: "none" };
    const keys = form.list("key");
    const values = keys.map((key) => ({
      key,
      value: form.raw(`value:${key}`),
      type: form.text(`secret:${key}`) === "" ? "default" : "secret",
      enabled: true,
    }));
    const name = form.text("name");
    if (name === "") throw problem("name", "Give the environment a name.");
    const { id } = await createEnvironment(deps, c.get("actor"), { workspaceId, name, values });
    return { environmentId: id };
  });

  step("runner", {}, async (c, { form, chosen }) => {
    requireAdmin(c.get("actor"));
    const { id, name, key } = await keyedRunner(c, deps, form.text("awaited"), form.text("name"));
    const props = await loadStart(c, deps, { ...chosen, runnerId: id });
    const shown = { ...props, startCommand: startCommand(deps.publicUrl, id, key), runnerName: name };
    return c.html(startPage(shown), 200, noStore);
  });

  step("monitor", { "schedule.cron": "schedule", "schedule.timezone": "timezone" }, async (c, sent) => {
    const { form, chosen } = sent;
    const workspaceId = await editable(c, deps, chosen);
    if (form.text("name") === "") throw problem("name", "Give the monitor a name.");
    const environment = chosen.environmentId === "none" ? undefined : chosen.environmentId;
    const input = parseNewMonitor({
      name: form.text("name"),
      collection: chosen.collectionId,
      ...(environment !== undefined && { environment }),
      schedule: { cron: form.text("schedule"), timezone: form.text("timezone") || "UTC" },
    });
    const actor = c.get("actor");
    const { id } = await createMonitor(deps.database, actor, { ...input, workspaceId });
    await triggerExecution(deps, { monitorId: id, trigger: "manual", triggeredBy: actor.userId });
    return { monitorId: id };
  });

  return routes;
}

interface SentStep {
  form: Awaited<ReturnType<typeof readForm>>;
  chosen: Chosen;
}

const problem = (param: string, message: string) =>
  new AppError("bad_request", message, { details: { param } });

const chosenOf = (text: (name: string) => string | undefined): Chosen => ({
  workspaceId: text("workspace"),
  collectionId: text("collection"),
  environmentId: text("environment"),
  runnerId: text("runner"),
  monitorId: text("monitor"),
});

const addressOf = (chosen: Chosen): string =>
  withQuery("/start", {
    workspace: chosen.workspaceId,
    collection: chosen.collectionId,
    environment: chosen.environmentId,
    runner: chosen.runnerId,
    monitor: chosen.monitorId,
  });

/** The workspace of the visit, for who may change it. */
async function editable(c: Context<AppEnv>, deps: Deps, { workspaceId = "" }: Chosen): Promise<string> {
  await requireWorkspaceRole(deps.database, c.get("actor"), workspaceId, "editor");
  return workspaceId;
}

/** Collections of a file are stored, and its environments with them: a data dump has both. */
async function takeFile(
  c: Context<AppEnv>,
  deps: Deps,
  readers: Readers,
  { form }: SentStep,
  workspaceId: string,
): Promise<Chosen> {
  const { documents } = await readUpload(form, {
    kinds: ["collection", "environment"],
    shape: "it has info and item",
    isOwn: (document) => Array.isArray(document["item"]) || document["info"] !== undefined,
    convert: readers.convert,
    fetchDocument: readers.fetchDocument,
  });
  const actor = c.get("actor");
  const collections = documents.filter(({ kind }) => kind === "collection");
  if (collections.length === 0) throw problem("file", "There is no collection in this file.");
  const parsed = collections.map(({ content }) => parseCollection(content));
  const environments = documents
    .filter(({ kind }) => kind === "environment")
    .map(({ content }) => parseNewEnvironment(content));
  let collectionId: string | undefined;
  for (const one of parsed) {
    const created = await createCollection(deps.database, actor, {
      ...one,
      workspaceId,
      onExistingId: "renew",
      note: { through: "import" },
    });
    collectionId ??= created.id;
  }
  for (const { name, values } of environments) {
    await createEnvironment(deps, actor, { workspaceId, name, ...(values && { values }) });
  }
  return { collectionId };
}

/** A new runner, or the one that is waited for with a new key: the old command is not stored anywhere. */
async function keyedRunner(c: Context<AppEnv>, { database }: Deps, awaitedId: string, newName: string) {
  const actor = c.get("actor");
  const awaited = awaitedId === "" ? undefined : await findRunner(database, actor, awaitedId);
  if (awaited) {
    const key = await resetRunnerKey(database, actor, awaited.id);
    if (key !== undefined) return { id: awaited.id, name: awaited.name, key };
  }
  if (newName === "") throw problem("name", "Give the runner a name.");
  const made = await createRunner(database, actor, parseRunner({ name: newName, visibility: "all" }));
  return { id: made.id, name: newName, key: made.key };
}

async function loadStart(
  c: Context<AppEnv>,
  deps: Deps,
  chosen: Chosen,
  sent: { form?: SentStep["form"]; errors?: FormErrors } = {},
): Promise<StartProps> {
  const shell = await loadShell(c, deps);
  const actor = c.get("actor");
  const id = chosen.workspaceId ?? shell.workspaceId ?? (await findOwnWorkspaceId(deps.database, actor));
  const workspace = shell.workspaces.find((one) => one.id === id && !isReadOnly(shell, one.id));
  const progress = await loadProgress({ database: deps.database, actor, workspace, chosen });
  const { collection, environment } = progress;
  const unserved = environment ? undefined : collection;
  const document = unserved && (await findCollection(deps.database, unserved.id))?.document;
  return {
    shell,
    progress,
    address: addressOf({
      ...chosen,
      workspaceId: workspace?.id,
      collectionId: progress.collection?.id,
      environmentId: progress.environment === "none" ? "none" : progress.environment?.id,
      monitorId: progress.monitor?.id,
    }),
    openVariables: document ? openVariables(document) : [],
    timezones: listTimeZones(),
    sent: (name) => sent.form?.raw(name) ?? "",
    ...(sent.errors && { errors: sent.errors }),
  };
}
