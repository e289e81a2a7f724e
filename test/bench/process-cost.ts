import { readdirSync, readFileSync } from "node:fs";

/** Linux only, like all of this file: it reads `/proc`. */
export interface ProcessCost {
  /** CPU of all threads so far. */
  cpuMs: number;
  residentMb: number;
}

export const costOf = (pids: readonly number[]): ProcessCost =>
  pids
    .map(costOfOne)
    .reduce(
      (sum, cost) => ({ cpuMs: sum.cpuMs + cost.cpuMs, residentMb: sum.residentMb + cost.residentMb }),
      { cpuMs: 0, residentMb: 0 },
    );

function costOfOne(pid: number): ProcessCost {
  try {
    const [, kilobytes = "0"] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return { cpuMs: cpuMsOf(pid), residentMb: Number(kilobytes) / 1024 };
  } catch {
    // Ended in the meantime.
    return { cpuMs: 0, residentMb: 0 };
  }
}

/** Finer than the ticks of `stat`: nanoseconds that each thread has run. */
function cpuMsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [ran = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ", 1);
    return sum + Number(ran) / 1e6;
  }, 0);
}
