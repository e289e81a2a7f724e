import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

import type { RunEvent } from "../contract/events.ts";

/**
 * A batch of events as it is stored: JSON, compressed here. Postgres would read it as JSON, compress it more slowly and worse,
 * and refuse characters that APIs do send; all it is ever asked for is the whole batch.
 */
export interface PackedEvents {
  firstSeq: number;
  lastSeq: number;
  /** Finished steps in it. */
  steps: number;
  /** In the order of their numbers. */
  events: Buffer;
}

/** At least one event. */
export function packEvents(events: readonly RunEvent[]): PackedEvents {
  const sorted = events.toSorted((left, right) => left.seq - right.seq);
  return {
    firstSeq: sorted[0]?.seq ?? 0,
    lastSeq: sorted.at(-1)?.seq ?? 0,
    steps: sorted.filter((event) => event.type === "step_finished").length,
    events: zstdCompressSync(JSON.stringify(sorted)),
  };
}

/** Throws when the bytes are not what `packEvents` made. */
export function unpackEvents(packed: Uint8Array): RunEvent[] {
  // Written by `packEvents` only, from events that the contract let in.
  return JSON.parse(zstdDecompressSync(packed).toString()) as RunEvent[];
}
