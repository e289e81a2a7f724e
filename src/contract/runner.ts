import { z } from "zod";

import { runEvent } from "./events.ts";

/**
 * The protocol between a runner and the control plane: JSON over outbound HTTP, `/runner/v1`.
 *
 * Every call carries `authorization: Bearer <runner key>`, `x-sallyport-runner: <runner id>` and
 * `x-sallyport-protocol: <PROTOCOL_VERSION>`. Wrong id or key: 401, and the runner stops with one sentence.
 *
 * Order of calls: `register` once per process → `claim` (long poll) again and again → for each assignment
 * `events` in order of `seq` → the last event is `run_finished`, which ends the run. `heartbeat` every
 * `heartbeatSeconds` renews the lease of everything that it lists. `deregister` on a graceful stop.
 *
 * Every write carries `attempt`, the fencing token. A write of an attempt that no longer holds the run gets
 * 409 with code `lease_lost`: the runner stops that run and drops its spool. Writes are idempotent by
 * `(runId, attempt, seq)`: a batch that is sent twice counts once.
 *
 * Errors: `{"error":{"name": <ErrorCode>, "message": <one sentence>}}`. 429, 5xx, network errors and answers that
 * cannot be decoded are retried with jitter; 401 stops the process; other 4xx are bugs and are logged.
 */
export const PROTOCOL_VERSION = 1;

export const runnerHeaders = {
  runner: "x-sallyport-runner",
  protocol: "x-sallyport-protocol",
} as const;

const uuid = z.uuid();

/** Registers one instance: one process started with a runner's id and key. */
export const registerRequest = z.looseObject({
  hostname: z.string().max(255),
  /** Chosen by the process at start; the same process registering again keeps its instance. */
  uniqueId: z.string().max(100),
  version: z.string().max(50),
  osType: z.string().max(50),
  concurrency: z.int().min(1).max(1000),
  /** The instance's wall clock, ISO; the server stores only the difference, for display. */
  clock: z.string(),
  /** X25519 public key (SPKI, base64) that environments are sealed to. */
  publicKey: z.string().max(500),
});
export const registerResponse = z.looseObject({
  instanceId: uuid,
  runnerName: z.string(),
  leaseSeconds: z.number(),
  heartbeatSeconds: z.number(),
  /** Longest time that `claim` waits. */
  waitSeconds: z.number(),
});

/** Limits and switches of one run; the runner turns them into the engine's options. */
export const assignmentOptions = z.looseObject({
  requestTimeoutMs: z.number(),
  scriptTimeoutMs: z.number(),
  runTimeoutMs: z.number(),
  requestDelayMs: z.number(),
  followRedirects: z.boolean(),
  strictSsl: z.boolean(),
});

/** One run handed to an instance, with the documents as they were at the time of the claim. */
export const assignment = z.looseObject({
  runId: uuid,
  executionId: uuid,
  monitorId: uuid,
  monitorName: z.string(),
  attempt: z.int().min(1),
  leaseSeconds: z.number(),
  /** Collection v2.x document. */
  collection: z.record(z.string(), z.unknown()),
  /**
   * `sealToPublicKey` of the JSON `{id, name, values: Variable[]}`; values of type `secret` are in there and
   * nowhere else. Absent when the monitor has no environment.
   */
  sealedEnvironment: z.string().optional(),
  /** The same of the globals of the workspace, `{values}`. Absent when there are none. */
  sealedGlobals: z.string().optional(),
  options: assignmentOptions,
});
export type Assignment = z.infer<typeof assignment>;

/** Waits up to `waitSeconds` for work; answers at once when there is some. */
export const claimRequest = z.looseObject({
  instanceId: uuid,
  /** Free places of the instance. */
  free: z.int().min(1).max(1000),
  waitSeconds: z.number().min(0).max(60),
});
export const claimResponse = z.looseObject({ assignments: z.array(assignment) });

const heldRun = z.looseObject({ runId: uuid, attempt: z.int().min(1) });

/** Renews the leases of all listed runs; also the sign of life of the instance. */
export const heartbeatRequest = z.looseObject({
  instanceId: uuid,
  runs: z.array(heldRun),
  clock: z.string(),
});
export const heartbeatResponse = z.looseObject({
  /** Runs to stop and report as aborted. */
  cancel: z.array(z.looseObject({ runId: uuid, attempt: z.int(), reason: z.string() })),
  /** Runs that this instance no longer holds: stop and drop. */
  lost: z.array(heldRun),
});

/** A batch of events in order; `run_finished`, when present, is the last one. */
export const eventsRequest = z.looseObject({
  attempt: z.int().min(1),
  events: z.array(runEvent).min(1).max(1000),
});
export const eventsResponse = z.looseObject({
  /** Every event up to this number is stored. */
  acknowledgedSeq: z.int().min(0),
  cancel: z.boolean(),
});

export const deregisterRequest = z.looseObject({ instanceId: uuid });

/** Method and path of every call; server routes and the runner's client are both built from it. */
export const runnerEndpoints = {
  register: { path: "/runner/v1/register", request: registerRequest, response: registerResponse },
  claim: { path: "/runner/v1/claim", request: claimRequest, response: claimResponse },
  heartbeat: { path: "/runner/v1/heartbeat", request: heartbeatRequest, response: heartbeatResponse },
  events: { path: "/runner/v1/runs/:runId/events", request: eventsRequest, response: eventsResponse },
  deregister: { path: "/runner/v1/deregister", request: deregisterRequest, response: z.looseObject({}) },
} as const;
