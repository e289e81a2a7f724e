import { z } from "zod";

import { runEvent } from "./events.ts";
import { keptMessages } from "./kept.ts";

/**
 * The protocol between a runner and the control plane: JSON over outbound HTTP, `/runner/v1`.
 *
 * Every call carries `authorization: Bearer <runner key>`, `x-sallyport-runner: <runner id>`,
 * `x-sallyport-protocol: <version>` and `x-sallyport-protocol-oldest` (see `protocol.ts`). Wrong id or key: 401, and the
 * runner stops with one sentence.
 *
 * Order of calls: `register` once per process → `selfTest` → `claim` (long poll) again and again → for each
 * assignment `events` in order of `seq` → the last event is `run_finished`, which ends the run. `heartbeat` every
 * `heartbeatSeconds` renews the lease of everything that it lists. On a graceful stop `drain`, which ends the waiting
 * claim with an answer so that no run is handed to nobody, and `deregister` when everything is delivered.
 *
 * Every write carries `attempt`, the fencing token. A write of an attempt that no longer holds the run gets
 * 409 with code `lease_lost`: the runner stops that run and drops its spool. Writes are idempotent by
 * `(runId, attempt, seq)`: a batch that is sent twice counts once.
 *
 * Errors: `{"error":{"name": <ErrorCode>, "message": <one sentence>}}`. 429, 5xx, network errors and answers that
 * cannot be decoded are retried with jitter; 401 stops the process; other 4xx are bugs and are logged.
 */
export const runnerHeaders = {
  runner: "x-sallyport-runner",
  /** Of a call: the version that it speaks. */
  protocol: "x-sallyport-protocol",
  /** Of a call: the oldest version that the runner could speak instead. */
  oldestProtocol: "x-sallyport-protocol-oldest",
  /** Of a refusal: the versions that the control plane speaks, such as `2-3`. */
  protocols: "x-sallyport-protocols",
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
  /** Of the control plane. */
  version: z.string().optional(),
});

/** How the boot self-test went; an instance reports it before its first claim. */
export const selfTestRequest = z.looseObject({
  instanceId: uuid,
  /** One sentence; null = all is well. */
  failure: z.string().max(1000).nullable(),
});

/** Asks whether id, key and protocol are good, without becoming an instance. */
export const checkResponse = z.looseObject({
  runnerName: z.string(),
  /** Of the control plane. */
  version: z.string(),
  /** Its wall clock, ISO. */
  clock: z.string(),
});

/** Limits and switches of one run; the runner turns them into the engine's options. */
export const assignmentOptions = z.looseObject({
  requestTimeoutMs: z.number(),
  scriptTimeoutMs: z.number(),
  runTimeoutMs: z.number(),
  requestDelayMs: z.number(),
  followRedirects: z.boolean(),
  strictSsl: z.boolean(),
  /** What the runner leaves out before results leave it; absent = an older control plane, which gets all. */
  keepRequests: keptMessages.catch("failed").optional(),
  keepResponses: keptMessages.catch("failed").optional(),
});

/** One run handed to an instance, with the documents as they were at the time of the claim. */
export const assignment = z.looseObject({
  runId: uuid,
  executionId: uuid,
  monitorId: uuid,
  monitorName: z.string(),
  attempt: z.int().min(1),
  leaseSeconds: z.number(),
  /**
   * When the lease is lost another instance runs it again: an instance that could not renew it in time stops the run by
   * itself, so that it is never executed twice at once. Absent = no.
   */
  rerunsWhenLost: z.boolean().optional(),
  /** How long it waited in the queue. */
  queuedMs: z.number().optional(),
  /** Collection v2.x document. */
  collection: z.record(z.string(), z.unknown()),
  /**
   * `sealToPublicKey` of the JSON `{id, name, values: Variable[]}`; values of type `secret` are in there and
   * nowhere else. Absent when the monitor has no environment.
   */
  sealedEnvironment: z.string().optional(),
  /** The same of the globals of the workspace, `{values}`. Absent when there are none. */
  sealedGlobals: z.string().optional(),
  /**
   * The same of one data row, an object: what a webhook was called with. The run has one iteration with it; a runner that
   * does not know this field runs without it. Absent when there is none.
   */
  sealedData: z.string().optional(),
  options: assignmentOptions,
});
export type Assignment = z.infer<typeof assignment>;

const heldRun = z.looseObject({ runId: uuid, attempt: z.int().min(1) });

/** Waits up to `waitSeconds` for work; answers at once when there is some. */
export const claimRequest = z.looseObject({
  instanceId: uuid,
  /** Free places of the instance. */
  free: z.int().min(1).max(1000),
  waitSeconds: z.number().min(0).max(60),
  /**
   * For a while after a claim without an answer: the runs that did arrive. What else is leased to the instance, and nothing
   * of it has been reported, went into the void and goes back to the queue; its older claims are over.
   */
  arrived: z.array(heldRun).optional(),
});
export const claimResponse = z.looseObject({
  assignments: z.array(assignment),
  /** Somebody wants the instance to finish what it has and end. */
  drain: z.boolean().optional(),
});

/** What an instance uses, its script processes included. */
export const instanceUsage = z.looseObject({
  /** Of the processors that it may use, since its last heartbeat: 0 = idle, 1 = all of them busy. */
  cpuShare: z.number().min(0).max(1),
  /** Resident memory. */
  memoryBytes: z.int().min(0),
});
export type InstanceUsage = z.infer<typeof instanceUsage>;

/** Renews the leases of all listed runs; also the sign of life of the instance. */
export const heartbeatRequest = z.looseObject({
  instanceId: uuid,
  runs: z.array(heldRun),
  clock: z.string(),
  /** Absent from an older runner. For people only: one that is not understood must not cost a lease. */
  usage: instanceUsage.optional().catch(undefined),
});
export const heartbeatResponse = z.looseObject({
  /** Runs to stop and report as aborted. */
  cancel: z.array(z.looseObject({ runId: uuid, attempt: z.int(), reason: z.string() })),
  /** Runs that this instance no longer holds: stop and drop. */
  lost: z.array(heldRun),
  /** As in the answer to a claim. */
  drain: z.boolean().optional(),
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

/** The instance takes no more runs: a waiting claim of it is answered at once. */
export const drainRequest = z.looseObject({ instanceId: uuid });

export const deregisterRequest = z.looseObject({ instanceId: uuid });

/** The programs that the control plane has for runners; `GET`, and the bytes of one below it. */
export const programsPath = "/runner/v1/programs";
export const programList = z.looseObject({
  /** Of the control plane, and of the program for its own platform. */
  version: z.string(),
  programs: z.array(
    z.looseObject({
      platform: z.string(),
      sizeBytes: z.number(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type ProgramList = z.infer<typeof programList>;

/** Method and path of every call; server routes and the runner's client are both built from it. */
export const runnerEndpoints = {
  register: { path: "/runner/v1/register", request: registerRequest, response: registerResponse },
  claim: { path: "/runner/v1/claim", request: claimRequest, response: claimResponse },
  heartbeat: { path: "/runner/v1/heartbeat", request: heartbeatRequest, response: heartbeatResponse },
  events: { path: "/runner/v1/runs/:runId/events", request: eventsRequest, response: eventsResponse },
  check: { path: "/runner/v1/check", request: z.looseObject({}), response: checkResponse },
  selfTest: { path: "/runner/v1/self-test", request: selfTestRequest, response: z.looseObject({}) },
  drain: { path: "/runner/v1/drain", request: drainRequest, response: z.looseObject({}) },
  deregister: { path: "/runner/v1/deregister", request: deregisterRequest, response: z.looseObject({}) },
} as const;
