import type { FileHandle } from "node:fs/promises";

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** Writes all bytes at `position`, however the system splits them up. Throws with the system's code (`ENOSPC`). */
export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, position + done);
    done += bytesWritten;
  }
}

/** Whole lines between two offsets, without their newlines; at least one if there is one, else about 64 KB. */
export async function readLines(file: FileHandle, from: number, to: number): Promise<Buffer[]> {
  for (let size = CHUNK_BYTES; ; size *= 2) {
    const chunk = await readChunk(file, from, Math.min(size, to - from));
    const end = chunk.lastIndexOf(NEWLINE);
    if (end >= 0) return splitLines(chunk.subarray(0, end));
    if (chunk.byteLength < size) return [];
  }
}

async function readChunk(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(length);
  for (let done = 0; ;) {
    const { bytesRead } = await file.read(chunk, done, length - done, from + done);
    done += bytesRead;
    if (bytesRead === 0 || done === length) return chunk.subarray(0, done);
  }
}

function splitLines(chunk: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; ;) {
    const end = chunk.indexOf(NEWLINE, start);
    if (end < 0) return [...lines, chunk.subarray(start)];
    lines.push(chunk.subarray(start, end));
    start = end + 1;
  }
}

/** Offset behind the last line of an unbroken row of JSON texts; what follows was torn by a crash. */
export async function endOfJsonLines(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  for (let offset = 0; ;) {
    const lines = await readLines(file, offset, size);
    if (lines.length === 0) return offset;
    for (const line of lines) {
      if (!isJson(line)) return offset;
      offset += line.byteLength + 1;
    }
  }
}

function isJson(line: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
    return true;
  } catch {
    return false;
  }
}
