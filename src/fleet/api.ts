import { type Context, Hono } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { queryInteger, readWrapped } from "../access/request.ts";
import { requireAdmin } from "../access/rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { parseRunner, type RunnerInput, startCommand } from "./runner.ts";
import {
  createRunner,
  deleteRunner,
  findRunner,
  findUnknownWorkspace,
  listInstances,
  listRunnersWithHealth,
  resetRunnerKey,
  type RunnerWithHealth,
  updateRunner,
} from "./store.ts";

const INSTANCES_PER_PAGE = 25;

/** `/runners`: everybody sees them, admins change them. */
export function fleetApi({ database, publicUrl }: Pick<Deps, "database" | "publicUrl">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runners", async (c) => {
    const workspaceId = c.req.query("workspace");
    if (workspaceId !== undefined && !isUuid(workspaceId)) return c.json({ runners: [] });
    const found = await listRunnersWithHealth(database, workspaceId === undefined ? {} : { workspaceId });
    return c.json({ runners: found.map(toBody) });
  });

  routes.post("/runners", async (c) => {
    requireAdmin(c.get("actor"));
    const input = parseRunner(await readWrapped(c, "runner"));
    await checkWorkspaces(input);
    const { id, key } = await createRunner(database, c.get("actor"), input);
    const runner = await getRunner(id);
    return c.json({ runner: { ...toBody(runner), key, startCommand: startCommand(publicUrl, id, key) } });
  });

  routes.get("/runners/:id", async (c) => c.json({ runner: toBody(await getRunner(pathId(c))) }));

  routes.put("/runners/:id", async (c) => {
    requireAdmin(c.get("actor"));
    const current = await getRunner(pathId(c));
    const { name, description, visibility, workspaceIds: workspaces } = current;
    const sent = await readWrapped(c, "runner");
    const input = parseRunner({ name, description, visibility, workspaces, ...sent });
    await checkWorkspaces(input);
    if (!(await updateRunner(database, c.get("actor"), current.id, input))) throw notFound();
    return c.json({ runner: toBody(await getRunner(current.id)) });
  });

  routes.delete("/runners/:id", async (c) => {
    requireAdmin(c.get("actor"));
    const id = pathId(c);
    const deleted = await deleteRunner(database, c.get("actor"), id);
    if (!deleted) throw notFound();
    return c.json({ runner: { id, name: deleted.name } });
  });

  routes.post("/runners/:id/reset-key", async (c) => {
    requireAdmin(c.get("actor"));
    const id = pathId(c);
    const key = await resetRunnerKey(database, c.get("actor"), id);
    if (key === undefined) throw notFound();
    const runner = await getRunner(id);
    return c.json({ runner: { ...toBody(runner), key, startCommand: startCommand(publicUrl, id, key) } });
  });

  routes.get("/runners/:id/instances", async (c) => {
    const { id } = await getRunner(pathId(c));
    const message = `Query param limit cannot exceed ${INSTANCES_PER_PAGE}.`;
    const range = { min: 1, max: INSTANCES_PER_PAGE, message };
    const limit = queryInteger(c, "limit", range) ?? INSTANCES_PER_PAGE;
    const after = c.req.query("cursor");
    if (after !== undefined && !isUuid(after)) {
      throw new AppError("bad_request", "Invalid cursor query parameter passed.");
    }
    const found = await listInstances(database, id, { after, limit: limit + 1 });
    const page = found.slice(0, limit);
    return c.json({
      meta: {
        model: "runnerInstance",
        action: "find",
        url: `/runners/${id}/instances`,
        nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
      },
      data: page.map((instance) => ({
        id: instance.id,
        hostname: instance.hostname,
        uniqueId: instance.uniqueId,
        cliVersion: instance.version,
        osType: instance.osType,
        runnerId: id,
        lastPingedAt: instance.lastPingedAt.toISOString(),
        concurrency: instance.concurrency,
        running: instance.running,
        clockSkewMs: instance.clockSkewMs,
        startedAt: instance.startedAt.toISOString(),
      })),
    });
  });

  routes.get("/runners/:id/metrics", async (c) => {
    const runner = await getRunner(pathId(c));
    return c.json({
      lastPingAt: runner.lastPingedAt?.toISOString() ?? null,
      oldestQueuedRunAgeSeconds: Math.floor(runner.oldestQueuedSeconds),
      queueDepth: runner.queued,
    });
  });

  async function getRunner(id: string): Promise<RunnerWithHealth> {
    const runner = await findRunner(database, id);
    if (!runner) throw notFound();
    return runner;
  }

  async function checkWorkspaces({ workspaceIds }: RunnerInput): Promise<void> {
    const unknown = await findUnknownWorkspace(database, workspaceIds);
    if (unknown !== undefined) {
      throw new AppError(
        "bad_request",
        `The request had invalid parameters: there is no workspace ${unknown}.`,
        {
          name: "invalidParamsError",
          details: { param: "runner.workspaces" },
        },
      );
    }
  }

  return routes;
}

function pathId(c: Context<AppEnv>): string {
  const id = c.req.param("id")?.toLowerCase() ?? "";
  if (!isUuid(id)) throw notFound();
  return id;
}

const notFound = () =>
  new AppError("not_found", "The specified runner does not exist.", { name: "instanceNotFoundError" });

/** Never the key: it was shown once. */
const toBody = (runner: RunnerWithHealth) => ({
  id: runner.id,
  name: runner.name,
  description: runner.description,
  visibility: runner.visibility,
  workspaces: runner.workspaceIds,
  health: runner.health,
  lastPingAt: runner.lastPingedAt?.toISOString() ?? null,
  instances: runner.instances,
  createdBy: runner.createdBy,
  createdAt: runner.createdAt.toISOString(),
  updatedAt: runner.updatedAt.toISOString(),
});
