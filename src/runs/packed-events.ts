import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

import type { RunEvent } from "../contract/events.ts";
import { headOf, type StepHead } from "../contract/step-head.ts";

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
  /** The heads of its steps as JSON; null when the batch is as quickly read as they. */
  heads: Buffer | null;
}

/** Characters of JSON. Below it heads would save nothing, and most batches are. */
const SMALL_CHARS = 8 * 1024;
/** They are kept when the batch is so many times larger. */
const WORTH_WHILE = 4;

/** At least one event. */
export function packEvents(events: readonly RunEvent[]): PackedEvents {
  const sorted = events.toSorted((left, right) => left.seq - right.seq);
  const text = JSON.stringify(sorted);
  return {
    firstSeq: sorted[0]?.seq ?? 0,
    lastSeq: sorted.at(-1)?.seq ?? 0,
    steps: sorted.filter((event) => event.type === "step_finished").length,
    events: zstdCompressSync(text),
    heads: text.length < SMALL_CHARS ? null : packHeads(sorted, text.length),
  };
}

/** Not compressed: of a long run there are thousands, and each would take longer to open than to read. */
function packHeads(events: readonly RunEvent[], batchChars: number): Buffer | null {
  const text = JSON.stringify(headsOf(events));
  return text.length * WORTH_WHILE > batchChars ? null : Buffer.from(text);
}

const headsOf = (events: readonly RunEvent[]): StepHead[] =>
  events.flatMap((event) => (event.type === "step_finished" ? [headOf(event.step)] : []));

/** The heads of the steps of a batch, from the batch itself where they are not kept apart. One of the two is given. */
export function unpackHeads({ events, heads }: { events: Uint8Array | null; heads: Uint8Array | null }) {
  if (heads === null) return events === null ? [] : headsOf(unpackEvents(events));
  // Written by `packHeads` only.
  return JSON.parse(Buffer.from(heads.buffer, heads.byteOffset, heads.length).toString()) as StepHead[];
}

/** Throws when the bytes are not what `packEvents` made. */
export function unpackEvents(packed: Uint8Array): RunEvent[] {
  // Written by `packEvents` only, from events that the contract let in.
  return JSON.parse(zstdDecompressSync(packed).toString()) as RunEvent[];
}

/**
 * Events of the first batches, at least one, until they have so many characters of JSON together: what is packed tells little
 * of how large it is, and an API may answer with what packs to nothing.
 */
export function unpackUpTo(
  packed: readonly Uint8Array[],
  maxChars: number,
): { events: RunEvent[]; batches: number } {
  const events: RunEvent[] = [];
  let [chars, batches] = [0, 0];
  for (const batch of packed) {
    const text = zstdDecompressSync(batch).toString();
    chars += text.length;
    if (batches > 0 && chars > maxChars) break;
    // As in `unpackEvents`.
    events.push(...(JSON.parse(text) as RunEvent[]));
    batches++;
  }
  return { events, batches };
}
