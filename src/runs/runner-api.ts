import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

import type { AppEnv, Deps } from "../access/context.ts";
import type { ProtocolRange } from "../contract/protocol.ts";
import { runnerEndpoints as endpoints } from "../contract/runner.ts";
import {
  beatInstance,
  createReportNotes,
  drainInstance,
  findInstance,
  noteSelfTest,
  pingInstance,
  registerInstance,
  stopInstance,
} from "../fleet/instances.ts";
import { type Caller, createRunnerDoor, unauthenticated } from "../fleet/runner-door.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { VERSION } from "../lib/version.ts";
import { assembleAssignments } from "./assignments.ts";
import { createEventStore } from "./ingest.ts";
import { claimRuns, releaseRuns, releaseUnheard, renewLeases } from "./queue.ts";
import { leaseTimes } from "./run.ts";
import { storableText } from "./storable.ts";
import { createQueueWakeups, type WaitingPlace } from "./wakeups.ts";

/** Claims that began together, as after a restart, do not end together for ever: this part of the wait is left to chance. */
const SPREAD = 0.25;

/** A batch is 64 KB or one step that is bigger: two bodies, console output and what scripts made of them. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** The calls of runners, `/runner/v1/*`; authenticated by id and key, described in `contract/runner.ts`. */
export function runnerApi(deps: Deps, protocol?: ProtocolRange): Hono<AppEnv> {
  const { database, leaseSeconds } = deps;
  const times = leaseTimes(leaseSeconds);
  const wakeups = createQueueWakeups(deps);
  const noteReport = createReportNotes(deps);
  const storeEvents = createEventStore(database, leaseSeconds);
  const authenticate = createRunnerDoor(deps, protocol);
  const app = new Hono<AppEnv>();
  const post = (path: string, answer: (c: Context, runner: Caller) => Promise<Response>) =>
    app.post(path, (c) => authenticate(c).then((runner) => answer(c, runner)));

  post(endpoints.register.path, async (c, runner) => {
    const body = parseOrThrow(endpoints.register.request, await readBody(c));
    const instanceId = await registerInstance(database, runner.id, {
      hostname: storableText(body.hostname),
      uniqueId: storableText(body.uniqueId),
      version: storableText(body.version),
      osType: storableText(body.osType),
      concurrency: body.concurrency,
      publicKey: storableText(body.publicKey),
      clock: readClock(body.clock),
      keyHash: runner.keyHash,
      protocol: runner.protocol,
    });
    if (!instanceId) throw unauthenticated();
    return c.json({
      instanceId,
      runnerName: runner.name,
      ...times,
      version: VERSION,
    });
  });

  post(endpoints.check.path, async (c, runner) =>
    c.json({ runnerName: runner.name, version: VERSION, clock: deps.clock.now().toISOString() }),
  );

  post(endpoints.selfTest.path, async (c, runner) => {
    const { instanceId, failure } = parseOrThrow(endpoints.selfTest.request, await readBody(c));
    await noteSelfTest(database, runner.id, { instanceId, failure: failure && storableText(failure) });
    return c.json({});
  });

  const beginClaim = async (c: Context, runner: Caller): Promise<Claim | undefined> => {
    const body = parseOrThrow(endpoints.claim.request, await readBody(c));
    const { instanceId, free, waitSeconds, arrived } = body;
    const instance = await findInstance(database, runner.id, instanceId);
    if (!instance) throw unknownInstance(instanceId);
    await pingInstance(database, instanceId, instance);
    if (arrived) {
      wakeups.endThoseOf(instanceId);
      await releaseUnheard(database, { runnerId: runner.id, instanceId, arrived });
    }
    if (instance.isDraining) return undefined;
    const { publicKey } = instance;
    const { signal } = c.req.raw;
    const waitMs = Math.min(waitSeconds, times.waitSeconds) * 1000 * (1 - SPREAD * Math.random());
    const interest = { runnerId: runner.id, instanceId, workspaceIds: runner.workspaceIds };
    return { instanceId, free, publicKey, signal, place: wakeups.enter(interest, waitMs, signal) };
  };

  const claim = async ({ instanceId, free, publicKey, signal }: Claim, runner: Caller) => {
    const { id: runnerId, keyHash } = runner;
    const claimed = await claimRuns(database, { runnerId, keyHash, instanceId, free, leaseSeconds });
    if (claimed.length === 0) return [];
    if (!signal.aborted) return assembleAssignments(deps, claimed, publicKey);
    // Nobody would read the answer: the runs go back instead of being lost with their leases.
    await releaseRuns(database, claimed);
    return [];
  };

  const waiting = new WeakMap<Response, Claim>();
  post(endpoints.claim.path, async (c, runner) => {
    // Given by the loop below when this claim has been here before.
    const { claim: known } = c.env as ClaimEnv;
    const current = known ?? (await beginClaim(c, runner));
    if (!current) return c.json({ assignments: [], drain: true });
    const { place } = current;
    let isOver = true;
    try {
      const assignments = mayTake(current, known !== undefined) ? await claim(current, runner) : [];
      isOver = assignments.length > 0 || place.isOver;
      const response = c.json({ assignments, ...(place.isDrained && { drain: true }) });
      if (!isOver) waiting.set(response, current);
      return response;
    } finally {
      // One that has waited is let go by the loop below.
      if (isOver && !known) place.leave();
    }
  });

  // Claims wait out here, where all that they keep is a `Claim`: what a route has around it is three times that. Each
  // look at the queue goes through the whole of it again, so that a key that has ended in the meantime is refused.
  const { fetch } = app;
  app.fetch = async (request, env, context) => {
    let held: Claim | undefined;
    try {
      for (;;) {
        const response = await fetch(request, { ...(env as object), claim: held }, context);
        const next = waiting.get(response);
        if (!next) return response;
        held = next;
        await held.place.next();
      }
    } finally {
      held?.place.leave();
    }
  };

  post(endpoints.heartbeat.path, async (c, runner) => {
    const { instanceId, runs, clock, usage } = parseOrThrow(endpoints.heartbeat.request, await readBody(c));
    const { keyHash, protocol: spoken } = runner;
    const facts = { instanceId, clock: readClock(clock), keyHash, protocol: spoken, usage };
    const instance = await beatInstance(database, runner.id, facts);
    if (!instance) throw unknownInstance(instanceId);
    const renewed = runs.length > 0 ? await renewLeases(database, runner.id, runs, leaseSeconds) : [];
    const held = new Map(renewed.map((run) => [run.runId, run]));
    return c.json({
      cancel: renewed
        .filter((run) => run.cancelRequested)
        .map(({ runId, attempt }) => ({ runId, attempt, reason: "cancelled" })),
      lost: runs
        .filter((run) => held.get(run.runId.toLowerCase())?.attempt !== run.attempt)
        .map(({ runId, attempt }) => ({ runId, attempt })),
      ...(instance.isDraining && { drain: true }),
    });
  });

  post(endpoints.events.path, async (c, runner) => {
    const runId = c.req.param("runId") ?? "";
    if (!isUuid(runId)) throw new AppError("not_found", `There is no run ${storableText(runId)}.`);
    const { attempt, events } = parseOrThrow(endpoints.events.request, await readBody(c));
    const acknowledgement = await storeEvents({ runId, runnerId: runner.id, attempt, events });
    if (events.some((event) => event.type === "run_finished")) await noteReport(runner.id);
    return c.json(acknowledgement);
  });

  post(endpoints.drain.path, async (c, runner) => {
    const { instanceId } = parseOrThrow(endpoints.drain.request, await readBody(c));
    if (!(await drainInstance(database, runner.id, instanceId))) throw unknownInstance(instanceId);
    return c.json({});
  });

  post(endpoints.deregister.path, async (c, runner) => {
    const { instanceId } = parseOrThrow(endpoints.deregister.request, await readBody(c));
    await stopInstance(database, runner.id, instanceId);
    return c.json({});
  });

  return app;
}

/** A claim that waits. */
interface Claim {
  instanceId: string;
  /** Runs that it would take. */
  free: number;
  publicKey: string;
  signal: AbortSignal;
  /** Among the claims that wait. */
  place: WaitingPlace;
}

/** Also a claim that does not wait looks at the queue once; one that has waited does not when its time is over. */
const mayTake = ({ place, signal }: Claim, isAgain: boolean): boolean =>
  !place.isDrained && !signal.aborted && !(isAgain && place.isOver);

interface ClaimEnv {
  claim?: Claim;
}

const limitStream = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseBody });

// A body whose length is known is not touched as a stream, which would stay in memory as long as the request.
async function readBody(c: Context): Promise<unknown> {
  const declared = c.req.header("content-length");
  if (declared === undefined || c.req.header("transfer-encoding") !== undefined) {
    await limitStream(c, async () => {});
  } else if (Number(declared) > MAX_BODY_BYTES) refuseBody();
  return parseJson(await c.req.text());
}

function refuseBody(): never {
  throw new AppError("too_large", `The request is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB.`);
}

function readClock(text: string): Date | null {
  const clock = new Date(text);
  return Number.isNaN(clock.getTime()) ? null : clock;
}

const unknownInstance = (instanceId: string) =>
  new AppError("not_found", `This runner has no instance ${instanceId}; register again.`);
