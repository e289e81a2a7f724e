import { FormatError } from "./document.ts";
import { convertFile } from "./file.ts";
import { convertOpenApi } from "./openapi.ts";

/**
 * The convert process: reads a file of any format from stdin, writes what it became to stdout as JSON, and ends. A
 * server converts in a process of its own, because the libraries are large and slow and the files are anybody's.
 */
export async function runConvertProcess(name: string): Promise<never> {
  const bytes = await Bun.stdin.bytes();
  process.stdout.write(JSON.stringify(await convert(bytes, name)), () => process.exit(0));
  return new Promise(() => {});
}

async function convert(bytes: Uint8Array, name: string): Promise<object> {
  try {
    return await convertFile(bytes, name, { openApi: convertOpenApi });
  } catch (error) {
    if (error instanceof FormatError) return { refused: error.message };
    throw error;
  }
}
