import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import {
  newRunnerPage,
  type NewRunnerProps,
  resetKeyPage,
  runnerKeyPage,
} from "../../web/pages/runner-key.tsx";
import { runnerPage, RunnerRegion, type RunnerProps } from "../../web/pages/runner.tsx";
import { type RunnerHealth, type RunnerRow, runnersPage, RunnersRegion } from "../../web/pages/runners.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { answerPage, formErrorsOf, noStore, readForm, type SentForm } from "../access/pages-form.ts";
import { requireAdmin } from "../access/rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { listInstances, requestDrain } from "./instance-list.ts";
import { resetRunnerKey, revokePreviousKey } from "./keys.ts";
import { type Health, HEALTHY_SECONDS, parseKeyReset, parseRunner, startCommand } from "./runner.ts";
import {
  createRunner,
  deleteRunner,
  findRunner,
  listRunnersWithHealth,
  listRunnerWork,
  type RunnerWithHealth,
} from "./store.ts";

const emptyForm: NewRunnerProps["values"] = {
  name: "",
  description: "",
  visibility: "all",
  workspaceIds: [],
};

/** `/runners`: health, create, reset key, delete. Members see those of their workspaces, admins see and change all. */
export function fleetPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", runnerListPages(deps));
  routes.route("/", runnerKeyPages(deps));
  routes.route("/", runnerDrainPages(deps));
  routes.route("/", runnerDeletePages(deps));
  return routes;
}

function runnerListPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runners", async (c) => {
    const [shell, found] = await Promise.all([
      loadShell(c, deps),
      listRunnersWithHealth(deps.database, c.get("actor")),
    ]);
    const props = {
      shell,
      healthySeconds: HEALTHY_SECONDS,
      rows: found.map(rowOf).toSorted((a, b) => rank[a.health] - rank[b.health]),
    };
    return answerPage(c, runnersPage(props), <RunnersRegion {...props} />);
  });

  routes.get("/runners/new", async (c) => {
    requireAdmin(c.get("actor"));
    return c.html(newRunnerPage({ shell: await loadShell(c, deps), values: emptyForm }));
  });

  routes.get("/runners/:id", async (c) => {
    const props = await loadRunner(c, deps, await getRunner(c, deps));
    return answerPage(c, runnerPage(props), <RunnerRegion {...props} />);
  });

  return routes;
}

function runnerKeyPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

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

const notFound = () => new AppError("not_found", "There is no such runner; it may have been deleted.");

async function getRunner(c: Context<AppEnv>, deps: Deps): Promise<RunnerWithHealth> {
  const id = c.req.param("id") ?? "";
  const found = isUuid(id) ? await findRunner(deps.database, c.get("actor"), id) : undefined;
  if (!found) throw notFound();
  return found;
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

const healthWords: Record<Health, RunnerHealth> = {
  Healthy: "healthy",
  Unhealthy: "unhealthy",
  Unknown: "unknown",
};
/** What needs a person comes first. */
const rank: Record<RunnerHealth, number> = { unhealthy: 0, unknown: 1, healthy: 2 };

const rowOf = (runner: RunnerWithHealth): RunnerRow => ({ ...runner, health: healthWords[runner.health] });

async function loadRunner(c: Context<AppEnv>, deps: Deps, runner: RunnerWithHealth): Promise<RunnerProps> {
  const [shell, instances, work] = await Promise.all([
    loadShell(c, deps),
    listInstances(deps.database, runner.id),
    listRunnerWork(deps.database, c.get("actor"), runner.id),
  ]);
  return { shell, runner: { ...runner, ...rowOf(runner) }, instances, ...work };
}

const valuesOf = (form: SentForm): NewRunnerProps["values"] => ({
  name: form.text("name"),
  description: form.text("description"),
  visibility: form.text("visibility") === "selected" ? "selected" : "all",
  workspaceIds: form.list("workspaces"),
});
