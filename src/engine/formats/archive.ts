import { convertText, type Converters } from "./convert.ts";
import { FormatError, type Converted } from "./document.ts";

/** Past this an archive is hostile or a mistake. */
const MAX_UNPACKED_BYTES = 512 * 1024 * 1024;

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);

/**
 * Reads a zip: a data export of Postman's, or a packed folder of format v3. Files that are no documents are left out;
 * broken ones are warned of. Throws `FormatError`.
 */
export async function convertArchive(
  bytes: Uint8Array,
  name: string,
  converters?: Converters,
): Promise<Converted> {
  const files = await unpack(bytes);
  const paths = [...files.keys()];
  if (paths.some((path) => /(^|\/)\.resources\/definition\.ya?ml$/.test(path))) {
    const { convertV3 } = await import("./v3.ts");
    return convertV3(files, name.replace(/\.zip$/i, ""));
  }
  const converted: Converted = { documents: [], warnings: [] };
  for (const [path, text] of files) {
    try {
      const { documents, warnings } = await convertText(text, converters);
      converted.documents.push(...documents);
      converted.warnings.push(...warnings);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      // Lists of what is in the archive, settings, header presets.
      const isMeant = /(^|\/)(collections?|environments?|globals?)(\/|\.json$)/i.test(path);
      if (isMeant || error.message.startsWith("is an OpenAPI document"))
        converted.warnings.push(`"${path}" ${error.message}`);
    }
  }
  if (converted.documents.length > 0) return converted;
  const [broken] = converted.warnings;
  if (broken !== undefined) throw new FormatError(`is a zip file of which nothing can be used: ${broken}`);
  throw new FormatError("is a zip file without collections, environments or globals.");
}

async function unpack(bytes: Uint8Array): Promise<Map<string, string>> {
  const { unzipSync } = await import("fflate");
  let total = 0;
  try {
    const entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!/\.(json|ya?ml)$/i.test(name) || name.startsWith("__MACOSX/")) return false;
        total += originalSize;
        if (total > MAX_UNPACKED_BYTES)
          throw new FormatError("is a zip file that is too large when unpacked.");
        return true;
      },
    });
    const decoder = new TextDecoder();
    return new Map(Object.entries(entries).map(([name, content]) => [name, decoder.decode(content)]));
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(
      `is a zip file that cannot be unpacked: ${error instanceof Error ? error.message : ""}.`,
    );
  }
}
