import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import {
  newRunnerPage,
  type NewRunnerProps,
  resetKeyPage,
  runnerKeyPage,
} from "../../web/pages/runner-key.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, noStore, readForm } from "../access/pages-form.ts";
import { requireAdmin } from "../access/rights.ts";
import { isUuid } from "../lib/ids.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { requestDrain } from "./instance-list.ts";
import { resetRunnerKey, revokePreviousKey } from "./keys.ts";
import { getRunner, notFound } from "./open-runner.ts";
import { runnerEditPages, valuesOf } from "./pages-edit.tsx";
import { runnerListPages } from "./pages-list.tsx";
import { programPages } from "./pages-programs.tsx";
import type { Programs } from "./programs.ts";
import { parseKeyReset, parseRunner, startCommand } from "./runner.ts";
import { createRunner, deleteRunner } from "./store.ts";

/**
 * `/runners`: health and load, create, edit, reset key, drain, delete, the program itself. Members see those of their
 * workspaces, admins see and change all.
 */
export function fleetPages(deps: Deps, options: { programs?: Programs | undefined } = {}): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  // Before `/runners/:id`.
  routes.route("/", programPages(deps, options.programs));
  routes.route("/", runnerListPages(deps));
  routes.route("/", runnerEditPages(deps));
  routes.route("/", runnerKeyPages(deps));
  routes.route("/", runnerDrainPages(deps));
  routes.route("/", runnerDeletePages(deps));
  return routes;
}

function runnerKeyPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runners/new", async (c) => {
    requireAdmin(c.get("actor"));
    const values = { name: "", description: "", visibility: "all", workspaceIds: [] } as const;
    return c.html(
      newRunnerPage({ shell: await loadShell(c, deps), values: { ...values, workspaceIds: [] } }),
    );
  });

  const showForm = async (c: Context<AppEnv>, values: NewRunnerProps["values"], errors: FormErrors) =>
    c.html(newRunnerPage({ shell: await loadShell(c, deps), values, errors }), 400);

  // Answers with the page itself: after a redirect the key could not be shown any more.
  routes.post("/runners", async (c) => {
    requireAdmin(c.get("actor"));
    const values = valuesOf(await readForm(c));
    if (values.name === "") return showForm(c, values, { name: "Give the runner a name." });
    try {
      const input = parseRunner({
        name: values.name,
        description: values.description,
        visibility: values.visibility,
        ...(values.visibility === "selected" && { workspaces: values.workspaceIds }),
      });
      const { id, key } = await createRunner(deps.database, c.get("actor"), input);
      return await showKey(c, deps, { id, name: input.name, key, wasReset: false });
    } catch (error) {
      return showForm(c, values, formErrorsOf(error, { "runner.workspaces": "visibility" }));
    }
  });

  routes.get("/runners/:id/reset-key", async (c) => {
    requireAdmin(c.get("actor"));
    const { id, name } = await getRunner(c, deps);
    return c.html(resetKeyPage({ shell: await loadShell(c, deps), runner: { id, name } }));
  });

  routes.post("/runners/:id/reset-key", async (c) => {
    requireAdmin(c.get("actor"));
    const { id, name } = await getRunner(c, deps);
    const grace = (await readForm(c)).text("grace");
    const { graceSeconds } = parseKeyReset({ graceSeconds: Number(grace === "" ? 0 : grace) });
    const key = await resetRunnerKey(deps.database, c.get("actor"), id, { graceSeconds });
    if (key === undefined) throw notFound();
    return showKey(c, deps, { id, name, key, wasReset: true, graceSeconds });
  });

  routes.post("/runners/:id/revoke-previous-key", async (c) => {
    requireAdmin(c.get("actor"));
    const { id } = await getRunner(c, deps);
    await revokePreviousKey(deps.database, c.get("actor"), id);
    return c.redirect(`/runners/${id}`, 303);
  });

  return routes;
}

function runnerDrainPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.post("/runners/:id/drain", async (c) => {
    requireAdmin(c.get("actor"));
    const { id } = await getRunner(c, deps);
    await requestDrain(deps.database, c.get("actor"), { runnerId: id });
    return c.redirect(`/runners/${id}`, 303);
  });

  routes.post("/runners/:id/instances/:instanceId/drain", async (c) => {
    requireAdmin(c.get("actor"));
    const { id } = await getRunner(c, deps);
    const instanceId = c.req.param("instanceId");
    if (isUuid(instanceId)) {
      await requestDrain(deps.database, c.get("actor"), { runnerId: id, instanceId });
    }
    return c.redirect(`/runners/${id}`, 303);
  });

  return routes;
}

function runnerDeletePages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runners/:id/delete", async (c) => {
    requireAdmin(c.get("actor"));
    const { id, name } = await getRunner(c, deps);
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "runners",
        title: `Delete ${name}?`,
        consequence:
          "Its key stops working at once and its instances stop. Monitors that are bound to it do not run until you give them another runner.",
        action: `/runners/${id}/delete`,
        label: `Delete ${name}`,
        back: `/runners/${id}`,
      }),
    );
  });

  routes.post("/runners/:id/delete", async (c) => {
    requireAdmin(c.get("actor"));
    const { id } = await getRunner(c, deps);
    await deleteRunner(deps.database, c.get("actor"), id);
    return c.redirect("/runners", 303);
  });

  return routes;
}

async function showKey(
  c: Context<AppEnv>,
  deps: Deps,
  {
    id,
    name,
    key,
    ...reset
  }: { id: string; name: string; key: string; wasReset: boolean; graceSeconds?: number },
) {
  const props = { runner: { id, name }, startCommand: startCommand(deps.publicUrl, id, key), ...reset };
  return c.html(runnerKeyPage({ shell: await loadShell(c, deps), ...props }), 200, noStore);
}
