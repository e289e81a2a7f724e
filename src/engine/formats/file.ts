import { convertArchive, isZip } from "./archive.ts";
import { convertText, type Converters } from "./convert.ts";
import type { Converted } from "./document.ts";

/** Reads one file of whatever format: a zip, or else text. Throws `FormatError`. */
export const convertFile = (bytes: Uint8Array, name: string, converters?: Converters): Promise<Converted> =>
  isZip(bytes)
    ? convertArchive(bytes, name, converters)
    : convertText(new TextDecoder().decode(bytes), converters);
