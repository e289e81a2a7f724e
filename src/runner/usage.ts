import { availableParallelism } from "node:os";

import type { InstanceUsage } from "../contract/runner.ts";
import type { ScriptProcesses } from "../engine/sandbox/protocol.ts";

/** Tells what this process and its script processes use: memory now, processor time since it was asked last. */
export type UsageMeter = () => InstanceUsage;

export type ReadScripts = () => Pick<ScriptProcesses, "residentBytes" | "cpuSeconds">;

/** Begins to measure; `scripts` absent = there are none. */
export function createUsageMeter(scripts?: ReadScripts): UsageMeter {
  const read = () => {
    const { residentBytes, cpuSeconds } = scripts?.() ?? { residentBytes: 0, cpuSeconds: 0 };
    return {
      atSeconds: performance.now() / 1000,
      cpuSeconds: ownCpuSeconds() + cpuSeconds,
      memoryBytes: process.memoryUsage.rss() + residentBytes,
    };
  };
  let last = read();
  return () => {
    const now = read();
    const possibleSeconds = (now.atSeconds - last.atSeconds) * availableParallelism();
    const usedSeconds = now.cpuSeconds - last.cpuSeconds;
    last = now;
    // What script processes used is known in hundredths of a second: over a moment it may seem more than there was.
    const cpuShare = possibleSeconds > 0 ? Math.min(1, Math.max(0, usedSeconds / possibleSeconds)) : 0;
    return { cpuShare, memoryBytes: Math.round(now.memoryBytes) };
  };
}

/** Processor time of this process, without its script processes. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}
