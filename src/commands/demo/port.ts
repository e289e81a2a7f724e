import { AppError } from "../../lib/errors.ts";

const TRIED_PORTS = 20;

/** `wanted`, or the next free port of 127.0.0.1 after it. Throws when none of the next twenty is free. */
export function freePort(wanted: number): number {
  const candidates = Array.from({ length: TRIED_PORTS }, (_, offset) => wanted + offset);
  const free = candidates.find((port) => port <= 65_535 && isFree(port));
  if (free !== undefined) return free;
  throw new AppError(
    "unavailable",
    `The ports ${wanted} to ${wanted + TRIED_PORTS - 1} are all taken: name a free one with --port.`,
  );
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}
