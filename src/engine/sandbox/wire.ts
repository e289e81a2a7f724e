/** What host and script process write to each other: one JSON object a line. */

/**
 * To the script process. The line behind an `execute` is its context: JSON, like `answer`, that only the realm reads.
 */
export type ToChild =
  /** The run is over: nothing of it stays. */
  | { type: "rest" }
  /** Until the next `rest` no script uses a realm that other runs use, too. */
  | { type: "own_realm" }
  | {
      type: "execute";
      id: number;
      code: string;
      bodyBase64?: string;
      /** 0 = no limit. Covers the synchronous part of the script. */
      timeoutMs: number;
    }
  | { type: "reply"; id: number; call: number; answer: string };

/** From the script process: `id` is the script that it belongs to. Not to be believed before it is checked. */
export type FromChild =
  | { type: "ready"; isolation: "seccomp" | "none"; detail?: string }
  | { type: "call"; id: number; call: number; request: unknown }
  | { type: "partial"; id: number; result: unknown }
  | { type: "finished"; id: number; result: unknown }
  /** The time limit inside the process struck: what counts was written before. */
  | { type: "timed_out"; id: number };

/** A line beyond this ends the process, in bytes. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Cuts a byte stream into lines; throws a RangeError on a line that is too long. */
export function createLineReader(onLine: (line: string) => void, maxBytes = MAX_LINE_BYTES) {
  let pieces: Uint8Array[] = [];
  let pieceBytes = 0;
  return (chunk: Uint8Array): void => {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(10, start);
      const piece = chunk.subarray(start, end === -1 ? undefined : end);
      if (pieceBytes + piece.byteLength > maxBytes) throw new RangeError("a message is too long");
      if (end === -1) {
        if (piece.byteLength > 0) pieces.push(piece);
        pieceBytes += piece.byteLength;
        return;
      }
      const bytes = pieces.length === 0 ? piece : Buffer.concat([...pieces, piece]);
      pieces = [];
      pieceBytes = 0;
      start = end + 1;
      onLine(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
    }
  };
}

/** Bytes that a base64 text stands for. */
export const decodedBytes = (base64: string): number =>
  (base64.length / 4) * 3 - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
