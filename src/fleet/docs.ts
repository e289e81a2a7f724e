import { z } from "zod";

import type { EndpointDoc } from "../access/endpoint.ts";
import { keyReset, runnerFields } from "./runner.ts";

const tag = "Runners";
const health = z.enum(["Healthy", "Unhealthy", "Unknown"]);
const queue = { oldestQueuedRunAgeSeconds: z.int(), queueDepth: z.int() };

const runner = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  visibility: z.enum(["all", "selected"]),
  /** Those that the reader may see. */
  workspaces: z.array(z.string()),
  health,
  lastPingAt: z.string().nullable(),
  instances: z.int(),
  ...queue,
  previousKey: z.object({ expiresAt: z.string(), instances: z.int() }).nullable(),
  createdBy: z.int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
const one = z.object({ runner });
/** With the key, which is shown here and never again. */
const withKey = z.object({ runner: runner.extend({ key: z.string(), startCommand: z.string() }) });
const instance = z.looseObject({
  id: z.uuid(),
  hostname: z.string(),
  runnerId: z.uuid(),
  health: z.enum(["Healthy", "Unhealthy"]),
  running: z.int(),
  concurrency: z.int(),
  /** Of its processors, at its last heartbeat: 0 to 1; null = it does not tell. */
  cpuShare: z.number().nullable(),
  /** Resident memory, its script processes included; null as above. */
  memoryBytes: z.number().nullable(),
});

/** What `/api/openapi.json` says of `/runners`. */
export const runnerDocs = {
  list: {
    summary: "List runners",
    tag,
    query: z.object({ workspace: z.string().optional() }),
    answer: z.object({ runners: z.array(runner) }),
  },
  create: {
    summary: "Create a runner",
    description: "For admins. The key is shown here and never again.",
    tag,
    body: z.object({ runner: runnerFields }),
    answer: withKey,
  },
  read: { summary: "Read a runner", tag, answer: one },
  change: {
    summary: "Change a runner",
    description: "For admins.",
    tag,
    body: z.object({ runner: runnerFields.partial() }),
    answer: one,
  },
  delete: {
    summary: "Delete a runner",
    description: "For admins. Its key stops working at once.",
    tag,
    answer: z.object({ runner: z.object({ id: z.uuid(), name: z.string() }) }),
  },
  resetKey: {
    summary: "Give a runner a new key",
    description: "For admins. The old one ends at once, or after `graceSeconds`; without a body at once.",
    tag,
    body: z.object({ runner: keyReset }).optional(),
    answer: withKey,
  },
  endPreviousKey: {
    summary: "End the previous key of a runner",
    description: "For admins.",
    tag,
    answer: one,
  },
  instances: {
    summary: "List the instances of a runner",
    tag,
    query: z.object({ limit: z.string().optional(), cursor: z.string().optional() }),
    answer: z.object({
      meta: z.looseObject({ nextCursor: z.string().nullable() }),
      data: z.array(instance),
    }),
  },
  drain: {
    summary: "Let all instances of a runner finish and end",
    description: "For admins.",
    tag,
    answer: z.object({ runner, draining: z.int() }),
  },
  drainInstance: {
    summary: "Let an instance finish and end",
    description: "For admins.",
    tag,
    answer: z.object({ instance: z.object({ id: z.uuid(), draining: z.literal(true) }) }),
  },
  metrics: {
    summary: "Read how much work waits for a runner",
    tag,
    answer: z.object({ lastPingAt: z.string().nullable(), ...queue }),
  },
} satisfies Record<string, EndpointDoc>;
