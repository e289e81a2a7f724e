import { z } from "zod";

import { isRecord } from "../../lib/parse.ts";
import { inFull, type Tool } from "../tool.ts";
import { cursor, document, idOf, limit, text } from "./arguments.ts";

const runnerId = text("Id of the runner.");

const runnersIn = (body: unknown): Record<string, unknown>[] => {
  const runners = isRecord(body) ? body["runners"] : undefined;
  return Array.isArray(runners) ? runners.filter(isRecord) : [];
};

/** One look at all runners: who is well, who waits. */
function fleetHealth(body: unknown) {
  const runners = runnersIn(body);
  const counts: Record<string, number> = {};
  for (const { health } of runners) counts[String(health)] = (counts[String(health)] ?? 0) + 1;
  const sum = (field: string) => runners.reduce((total, runner) => total + (Number(runner[field]) || 0), 0);
  return {
    runners: runners.length,
    health: counts,
    queued: sum("queueDepth"),
    oldestQueuedRunAgeSeconds: Math.max(
      0,
      ...runners.map((runner) => Number(runner["oldestQueuedRunAgeSeconds"]) || 0),
    ),
    notHealthy: runners
      .filter(({ health }) => health !== "Healthy")
      .map(({ id, name, health, lastPingAt }) => ({ id, name, health, lastPingAt })),
  };
}

/** What Postman's server lacks: the places inside private networks where monitors run. */
export const runnerTools: readonly Tool[] = [
  {
    name: "listRunners",
    title: "List runners",
    description: "The runners that you can see: health, last sign of life and how many runs wait for each.",
    sets: inFull,
    call: "GET /runners",
    input: { workspace: idOf("workspace that may use them").optional() },
    next: "createMonitor or updateMonitor with distribution puts a monitor on one.",
  },
  {
    name: "getFleetHealth",
    title: "Get the health of all runners",
    description: "One look: how many runners are healthy, which are not, and how much waits in the queue.",
    sets: inFull,
    call: "GET /runners",
    input: { workspace: idOf("workspace that may use them").optional() },
    shape: fleetHealth,
    next: (body) =>
      runnersIn(body).every(({ health }) => health === "Healthy")
        ? undefined
        : "listRunnerInstances of a runner that is not healthy; no instance means that its process is not running.",
  },
  {
    name: "getRunner",
    title: "Get a runner",
    description: "A runner: visibility, workspaces, health, instances.",
    sets: inFull,
    call: "GET /runners/{runnerId}",
    input: { runnerId },
    next: "listRunnerInstances for the processes that run with its key.",
  },
  {
    name: "createRunner",
    title: "Create a runner",
    description:
      "Creates a runner. The answer has its key and the command that starts it, once. Only for admins.",
    sets: inFull,
    call: "POST /runners",
    input: {
      runner: document("name, and if you like description, visibility (all or selected) and workspaces."),
    },
    next: "a person starts it inside the private network with startCommand; the key is not shown again.",
  },
  {
    name: "updateRunner",
    title: "Change a runner",
    description: "Changes name, description, visibility or workspaces of a runner. Only for admins.",
    sets: inFull,
    call: "PUT /runners/{runnerId}",
    input: { runnerId, runner: document("The fields to change.") },
  },
  {
    name: "deleteRunner",
    title: "Delete a runner",
    description:
      "Deletes a runner: its processes are refused and its monitors miss their slots. Only for admins.",
    sets: inFull,
    call: "DELETE /runners/{runnerId}",
    input: { runnerId },
  },
  {
    name: "listRunnerInstances",
    title: "List instances of a runner",
    description: "The processes that run with the key of a runner: host, version, load, clock, health.",
    sets: inFull,
    call: "GET /runners/{runnerId}/instances",
    input: { runnerId, cursor, limit: limit(25, 25) },
  },
  {
    name: "drainRunner",
    title: "Drain a runner",
    description:
      "Tells all instances of a runner to finish what they run, take nothing more and end. Only for admins.",
    sets: inFull,
    call: "POST /runners/{runnerId}/drain",
    input: { runnerId },
    hints: { destructive: true },
    next: "listRunnerInstances shows when they have ended.",
  },
  {
    name: "drainRunnerInstance",
    title: "Drain an instance",
    description: "Tells one instance to finish what it runs, take nothing more and end. Only for admins.",
    sets: inFull,
    call: "POST /runners/{runnerId}/instances/{instanceId}/drain",
    input: { runnerId, instanceId: text("Id of the instance, from listRunnerInstances.") },
    hints: { destructive: true },
  },
  {
    name: "getRunnerQueue",
    title: "Get the queue of a runner",
    description:
      "How many runs wait for a runner, how long the oldest has waited, and when the runner was last heard of.",
    sets: inFull,
    call: "GET /runners/{runnerId}/metrics",
    input: { runnerId },
    next: "when runs wait and the runner is healthy, start one more instance of it.",
  },
  {
    name: "resetRunnerKey",
    title: "Replace the key of a runner",
    description:
      "Gives a runner a new key, shown once; the old one can stay good for a while. Only for admins.",
    sets: inFull,
    call: "POST /runners/{runnerId}/reset-key",
    input: {
      runnerId,
      runner: z
        .looseObject({ graceSeconds: z.int().min(0).optional() })
        .describe("graceSeconds: how long the old key stays good; {} ends it at once."),
    },
    hints: { destructive: true },
    next: "a person restarts the instances with the new key.",
  },
];
