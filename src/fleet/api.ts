import { type Context, Hono } from "hono";

import type { Database } from "../../db/connect.ts";
import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { queryInteger, readWrapped } from "../access/request.ts";
import { requireAdmin } from "../access/rights.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { runnerDocs as docs } from "./docs.ts";
import { type InstanceListing, listInstances, requestDrain } from "./instance-list.ts";
import { resetRunnerKey, revokePreviousKey } from "./keys.ts";
import { parseKeyReset, parseRunner, type RunnerInput, startCommand } from "./runner.ts";
import {
  createRunner,
  deleteRunner,
  findRunner,
  findUnknownWorkspace,
  listRunnersWithHealth,
  type RunnerWithHealth,
  updateRunner,
} from "./store.ts";

const INSTANCES_PER_PAGE = 25;

type ApiDeps = Pick<Deps, "database" | "publicUrl">;

/** `/runners`: members see those of their workspaces, admins see and change all. */
export function fleetApi(deps: ApiDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.route("/", runnerRoutes(deps));
  routes.route("/", keyRoutes(deps));
  routes.route("/", instanceRoutes(deps));
  return routes;
}

function runnerRoutes({ database, publicUrl }: ApiDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runners", documented(docs.list), async (c) => {
    const workspaceId = c.req.query("workspace");
    if (workspaceId !== undefined) {
      if (!isUuid(workspaceId)) return c.json({ runners: [] });
      await requireWorkspaceRole(database, c.get("actor"), workspaceId, "viewer");
    }
    const filter = workspaceId === undefined ? {} : { workspaceId };
    const found = await listRunnersWithHealth(database, c.get("actor"), filter);
    return c.json({ runners: found.map(toBody) });
  });

  routes.post("/runners", documented(docs.create), async (c) => {
    requireAdmin(c.get("actor"));
    const input = parseRunner(await readWrapped(c, "runner"));
    await checkWorkspaces(input);
    const { id, key } = await createRunner(database, c.get("actor"), input);
    const runner = await getRunner(c, database, id);
    return c.json({ runner: { ...toBody(runner), key, startCommand: startCommand(publicUrl, id, key) } });
  });

  routes.get("/runners/:id", documented(docs.read), async (c) =>
    c.json({ runner: toBody(await getRunner(c, database, pathId(c))) }),
  );

  routes.put("/runners/:id", documented(docs.change), async (c) => {
    requireAdmin(c.get("actor"));
    const current = await getRunner(c, database, pathId(c));
    const { name, description, visibility, workspaceIds: workspaces } = current;
    const sent = await readWrapped(c, "runner");
    const input = parseRunner({ name, description, visibility, workspaces, ...sent });
    await checkWorkspaces(input);
    if (!(await updateRunner(database, c.get("actor"), current.id, input))) throw notFound();
    return c.json({ runner: toBody(await getRunner(c, database, current.id)) });
  });

  routes.delete("/runners/:id", documented(docs.delete), async (c) => {
    requireAdmin(c.get("actor"));
    const id = pathId(c);
    const deleted = await deleteRunner(database, c.get("actor"), id);
    if (!deleted) throw notFound();
    return c.json({ runner: { id, name: deleted.name } });
  });

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

function keyRoutes({ database, publicUrl }: ApiDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.post("/runners/:id/reset-key", documented(docs.resetKey), async (c) => {
    requireAdmin(c.get("actor"));
    const id = pathId(c);
    // Without a body the old key ends at once.
    const sent = (await c.req.text()).trim() === "" ? {} : await readWrapped(c, "runner");
    const key = await resetRunnerKey(database, c.get("actor"), id, parseKeyReset(sent));
    if (key === undefined) throw notFound();
    const runner = await getRunner(c, database, id);
    return c.json({ runner: { ...toBody(runner), key, startCommand: startCommand(publicUrl, id, key) } });
  });

  routes.delete("/runners/:id/previous-key", documented(docs.endPreviousKey), async (c) => {
    requireAdmin(c.get("actor"));
    const runner = await getRunner(c, database, pathId(c));
    if (!(await revokePreviousKey(database, c.get("actor"), runner.id))) {
      throw new AppError("conflict", "This runner has no previous key that still works.");
    }
    return c.json({ runner: toBody(await getRunner(c, database, runner.id)) });
  });

  return routes;
}

function instanceRoutes({ database }: ApiDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runners/:id/instances", documented(docs.instances), async (c) => {
    const { id } = await getRunner(c, database, pathId(c));
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
      data: page.map(toInstanceBody),
    });
  });

  routes.post("/runners/:id/drain", documented(docs.drain), async (c) => {
    requireAdmin(c.get("actor"));
    const runner = await getRunner(c, database, pathId(c));
    const draining = await requestDrain(database, c.get("actor"), { runnerId: runner.id });
    return c.json({ runner: toBody(runner), draining });
  });

  routes.post("/runners/:id/instances/:instanceId/drain", documented(docs.drainInstance), async (c) => {
    requireAdmin(c.get("actor"));
    const { id: runnerId } = await getRunner(c, database, pathId(c));
    const instanceId = c.req.param("instanceId");
    const asked = isUuid(instanceId)
      ? await requestDrain(database, c.get("actor"), { runnerId, instanceId })
      : 0;
    if (asked === 0) {
      throw new AppError("not_found", "The specified instance does not exist, or has ended already.");
    }
    return c.json({ instance: { id: instanceId, draining: true } });
  });

  routes.get("/runners/:id/metrics", documented(docs.metrics), async (c) => {
    const runner = await getRunner(c, database, pathId(c));
    return c.json({ lastPingAt: runner.lastPingedAt?.toISOString() ?? null, ...queueOf(runner) });
  });

  return routes;
}

async function getRunner(c: Context<AppEnv>, database: Database, id: string): Promise<RunnerWithHealth> {
  const runner = await findRunner(database, c.get("actor"), id);
  if (!runner) throw notFound();
  return runner;
}

function pathId(c: Context<AppEnv>): string {
  const id = c.req.param("id")?.toLowerCase() ?? "";
  if (!isUuid(id)) throw notFound();
  return id;
}

const notFound = () =>
  new AppError("not_found", "The specified runner does not exist.", { name: "instanceNotFoundError" });

const queueOf = ({ oldestQueuedSeconds, queued }: RunnerWithHealth) => ({
  oldestQueuedRunAgeSeconds: Math.floor(oldestQueuedSeconds),
  queueDepth: queued,
});

/** Postman's fields first, ours after them. */
const toInstanceBody = (instance: InstanceListing) => ({
  id: instance.id,
  hostname: instance.hostname,
  uniqueId: instance.uniqueId,
  cliVersion: instance.version,
  osType: instance.osType,
  runnerId: instance.runnerId,
  lastPingedAt: instance.lastPingedAt.toISOString(),
  concurrency: instance.concurrency,
  running: instance.running,
  clockSkewMs: instance.clockSkewMs,
  cpuShare: instance.cpuShare,
  memoryBytes: instance.memoryBytes,
  startedAt: instance.startedAt.toISOString(),
  health: instance.healthy ? "Healthy" : "Unhealthy",
  key: instance.key,
  protocol: instance.protocol,
  draining: instance.isDraining,
  selfTest: instance.selfTestAt && {
    at: instance.selfTestAt.toISOString(),
    passed: instance.selfTestFailure === null,
    detail: instance.selfTestFailure,
  },
});

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
  ...queueOf(runner),
  previousKey: runner.previousKey && {
    expiresAt: runner.previousKey.expiresAt.toISOString(),
    instances: runner.previousKey.instances,
  },
  createdBy: runner.createdBy,
  createdAt: runner.createdAt.toISOString(),
  updatedAt: runner.updatedAt.toISOString(),
});
