export interface Cost {
  wallMs: number;
  /** User and system time of the process and of the children that it waited for. */
  cpuMs: number;
}

/** Runs a command to its end and counts what it took. Throws when it fails. */
export async function measure(command: string[]): Promise<Cost> {
  const startedMs = performance.now();
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  const wallMs = performance.now() - startedMs;
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}: ${output}${errors}`);
  const usage = child.resourceUsage();
  if (usage === undefined) throw new Error("this system does not count the time of processes");
  return { wallMs, cpuMs: Number(usage.cpuTime.total) / 1000 };
}

/** Cost of one request without the start of the program: the slope between one iteration and many. */
export async function measurePerRequest(
  command: (iterations: number) => string[],
  { iterations, requestsPerIteration }: { iterations: number; requestsPerIteration: number },
): Promise<Cost> {
  const one = await measure(command(1));
  const many = await measure(command(iterations + 1));
  const requests = iterations * requestsPerIteration;
  return {
    wallMs: (many.wallMs - one.wallMs) / requests,
    cpuMs: (many.cpuMs - one.cpuMs) / requests,
  };
}

/** The value below which the given part (0…1) of all values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
