type Truthy<T> = Exclude<T, false | null | undefined | 0 | "">;

/** Far above what anything takes: a machine that stalls for seconds is slow, not wrong. */
const LIMIT_MS = 30_000;

/** Resolves with the first truthy answer of `check`; after `timeoutMs` it fails and shows the last one. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = LIMIT_MS, everyMs = 5 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Truthy<T>> {
  const startedMs = performance.now();
  for (;;) {
    const last = await check();
    // Truthy at run time: none of the excluded values.
    if (last) return last as Truthy<T>;
    if (performance.now() - startedMs > timeoutMs)
      throw new Error(`not so after ${timeoutMs} ms; last seen: ${Bun.inspect(last)} of ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
