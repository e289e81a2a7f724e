import type { z } from "zod";

import type { RunEvent } from "../../src/contract/events.ts";
import { PROTOCOL_VERSION } from "../../src/contract/protocol.ts";
import { runnerEndpoints, runnerHeaders, type Assignment } from "../../src/contract/runner.ts";
import { unreachable } from "../../src/lib/errors.ts";
import { newId } from "../../src/lib/ids.ts";
import { sealToPublicKey } from "../../src/lib/seal.ts";

export const RUNNER_ID = "11111111-2222-4333-8444-555555555555";
export const RUNNER_KEY = "sprk_test";

type CallName = keyof typeof runnerEndpoints;
type Heartbeat = z.output<typeof runnerEndpoints.heartbeat.request>;

/** Answer instead of the usual one; undefined = the usual one. */
type Interception = (call: CallName, body: unknown) => Response | undefined | Promise<Response | undefined>;

/** A control plane over real HTTP that keeps everything in memory and can be told to misbehave. */
export interface FakeControlPlane {
  url: string;
  /** Events by run, in the order in which they were stored. */
  stored: Map<string, RunEvent[]>;
  /** Sizes of the batches that arrived, by run. */
  batches: { runId: string; seqs: number[] }[];
  heartbeats: Heartbeat[];
  registered: z.output<typeof runnerEndpoints.register.request>[];
  deregistered: string[];
  /** Ids of instances that said that they drain. */
  drained: string[];
  /** What boot self-tests reported. */
  selfTests: (string | null)[];
  claims: { free: number }[];
  intercept: Interception;
  /** Runs that the next heartbeats ask to cancel, or call lost. */
  cancel: { runId: string; attempt: number; reason: string }[];
  lost: { runId: string; attempt: number }[];
  queue(assignment: Partial<Assignment> & { environment?: object }): Assignment;
  isFinished(runId: string): boolean;
  /** Closes the port; connections under way are cut. */
  stop(): Promise<void>;
  /** Opens the same port again. */
  start(): void;
}

export const errorResponse = (status: number, name: string): Response =>
  Response.json({ error: { name, message: `said ${name}` } }, { status });

export function startFakeControlPlane(
  options: { heartbeatSeconds?: number; /** Default 127.0.0.1. */ listen?: string } = {},
): FakeControlPlane {
  const queued: Assignment[] = [];
  const sealed: { assignment: Assignment; environment: object }[] = [];
  let waiting: (() => void)[] = [];
  let server: ReturnType<typeof Bun.serve> | undefined;
  let port = 0;

  const fake: FakeControlPlane = {
    url: "",
    stored: new Map(),
    batches: [],
    heartbeats: [],
    registered: [],
    deregistered: [],
    drained: [],
    selfTests: [],
    claims: [],
    intercept: () => undefined,
    cancel: [],
    lost: [],
    queue: ({ environment, ...assignment }) => {
      const full = { ...makeAssignment(), ...assignment };
      if (environment) sealed.push({ assignment: full, environment });
      queued.push(full);
      for (const wake of waiting.splice(0)) wake();
      return full;
    },
    isFinished: (runId) => fake.stored.get(runId)?.at(-1)?.type === "run_finished",
    stop: async () => {
      const stopped = server?.stop(true);
      server = undefined;
      for (const wake of waiting.splice(0)) wake();
      await stopped;
    },
    start: () => {
      server = Bun.serve({ port, hostname: options.listen ?? "127.0.0.1", idleTimeout: 0, fetch: answer });
      port = server.port ?? 0;
      fake.url = `http://127.0.0.1:${port}`;
    },
  };

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const runId = /^\/runner\/v1\/runs\/([^/]+)\/events$/.exec(pathname)?.[1];
    const name = runId ? "events" : nameOf(pathname);
    const body: unknown = runnerEndpoints[name].request.parse(await request.json());
    const intercepted = await fake.intercept(name, body);
    if (intercepted) return intercepted;
    if (!isAuthorized(request)) return errorResponse(401, "unauthenticated");
    return Response.json(await perform(name, body, runId ?? ""));
  }

  async function perform(name: CallName, body: unknown, runId: string): Promise<unknown> {
    switch (name) {
      case "register":
        fake.registered.push(runnerEndpoints.register.request.parse(body));
        return {
          instanceId: newId(),
          runnerName: "test",
          leaseSeconds: 30,
          heartbeatSeconds: options.heartbeatSeconds ?? 10,
          waitSeconds: 5,
        };
      case "claim":
        return claim(runnerEndpoints.claim.request.parse(body));
      case "heartbeat":
        fake.heartbeats.push(runnerEndpoints.heartbeat.request.parse(body));
        return { cancel: fake.cancel, lost: fake.lost };
      case "events":
        return store(runId, runnerEndpoints.events.request.parse(body).events);
      case "check":
        return { runnerName: "test", version: "0.1.0", clock: "2026-01-01T00:00:00.000Z" };
      case "selfTest":
        fake.selfTests.push(runnerEndpoints.selfTest.request.parse(body).failure);
        return {};
      case "drain":
        fake.drained.push(runnerEndpoints.drain.request.parse(body).instanceId);
        for (const wake of waiting.splice(0)) wake();
        return {};
      case "deregister":
        fake.deregistered.push(runnerEndpoints.deregister.request.parse(body).instanceId);
        return {};
      default:
        return unreachable(name);
    }
  }

  async function claim({ free, waitSeconds }: { free: number; waitSeconds: number }): Promise<unknown> {
    fake.claims.push({ free });
    if (queued.length === 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitSeconds * 1000);
        waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    const publicKey = fake.registered.at(-1)?.publicKey ?? "";
    const assignments = queued.splice(0, free).map((assignment) => {
      const environment = sealed.find((entry) => entry.assignment === assignment)?.environment;
      if (!environment) return assignment;
      return { ...assignment, sealedEnvironment: sealToPublicKey(publicKey, JSON.stringify(environment)) };
    });
    return { assignments };
  }

  function store(runId: string, events: RunEvent[]): unknown {
    const stored = fake.stored.get(runId) ?? [];
    fake.stored.set(runId, stored);
    fake.batches.push({ runId, seqs: events.map(({ seq }) => seq) });
    const known = new Set(stored.map(({ seq }) => seq));
    stored.push(...events.filter(({ seq }) => !known.has(seq)));
    return { acknowledgedSeq: stored.at(-1)?.seq ?? 0, cancel: false };
  }

  fake.start();
  return fake;
}

function nameOf(pathname: string): CallName {
  const found = Object.entries(runnerEndpoints).find(([, { path }]) => path === pathname);
  if (!found) throw new Error(`a runner has nothing to ask at ${pathname}`);
  // Object.entries widens the keys to string.
  return found[0] as CallName;
}

const isAuthorized = ({ headers }: Request): boolean =>
  headers.get("authorization") === `Bearer ${RUNNER_KEY}` &&
  headers.get(runnerHeaders.runner) === RUNNER_ID &&
  headers.get(runnerHeaders.protocol) === String(PROTOCOL_VERSION);

/** One valid run without an environment. */
export function makeAssignment(): Assignment {
  return {
    runId: newId(),
    executionId: newId(),
    monitorId: newId(),
    monitorName: "monitor",
    attempt: 1,
    leaseSeconds: 30,
    collection: { info: { name: "collection" }, item: [] },
    options: {
      requestTimeoutMs: 0,
      scriptTimeoutMs: 0,
      runTimeoutMs: 0,
      requestDelayMs: 0,
      followRedirects: true,
      strictSsl: true,
    },
  };
}
