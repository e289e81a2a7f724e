import { promisify } from "node:util";
import zlib from "node:zlib";

import { codeOf, HttpError } from "./errors.ts";

/** A server that stacks more codings than this is playing games. */
const MAX_CODINGS = 4;

const gunzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const inflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflate);
const inflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);
const unbrotli = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress);
const unzstd = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress);

/**
 * Undoes `Content-Encoding`. Throws `HttpError`: `too_large` when the result would pass `maxBytes`, `target`
 * when the bytes are not what the header says. An unknown coding is left as it is.
 */
export async function decompress(bytes: Buffer, encoding: string, maxBytes: number): Promise<Buffer> {
  const codings = encoding
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  if (codings.length > MAX_CODINGS)
    throw new HttpError("target", `the response has more than ${MAX_CODINGS} content codings`);
  let current = bytes;
  for (const coding of codings.toReversed()) {
    if (current.length === 0) return current;
    current = await undo(current, coding, maxBytes);
  }
  return current;
}

async function undo(bytes: Buffer, coding: string, maxBytes: number): Promise<Buffer> {
  // Truncated streams give what they hold, as browsers and Postman do.
  const options = { maxOutputLength: maxBytes, finishFlush: zlib.constants.Z_SYNC_FLUSH };
  try {
    switch (coding) {
      case "gzip":
      case "x-gzip":
        return await gunzip(bytes, options);
      case "deflate":
        // Half of all servers send the bare stream, half the one with a zlib header.
        return await ((bytes[0] ?? 0) % 16 === 8 ? inflate : inflateRaw)(bytes, options);
      case "br":
        return await unbrotli(bytes, { maxOutputLength: maxBytes });
      case "zstd":
        return await unzstd(bytes, { maxOutputLength: maxBytes });
      default:
        return bytes;
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === "ERR_BUFFER_TOO_LARGE" || error instanceof RangeError)
      throw new HttpError(
        "too_large",
        `the response body is larger than ${maxBytes} bytes after decompression`,
      );
    throw new HttpError("target", `the response body is not valid ${coding}`, code);
  }
}
