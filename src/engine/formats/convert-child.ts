import { asObject } from "../json.ts";
import { checkCollection } from "./compatibility.ts";
import { FormatError } from "./document.ts";
import { convertFile } from "./file.ts";
import { convertOpenApi } from "./openapi.ts";
import { runSpecJob } from "./spec-job.ts";

/**
 * The convert process: reads a file of any format from stdin, writes what it became to stdout as JSON, and ends. A
 * server converts in a process of its own, because the libraries are large and slow and the files are anybody's.
 */
export async function runConvertProcess(name: string, job: string): Promise<never> {
  const bytes = await Bun.stdin.bytes();
  const answer = await (jobs.get(job) ?? convert)(bytes, name);
  process.stdout.write(JSON.stringify(answer), () => process.exit(0));
  return new Promise(() => {});
}

/** A document that the server has: what will not behave as in Postman. */
const check = (bytes: Uint8Array): Promise<object> =>
  Promise.resolve({ findings: checkCollection(asObject(JSON.parse(new TextDecoder().decode(bytes)))) });

/** See `SpecJob`: the server sends nothing else. */
async function doSpecJob(bytes: Uint8Array): Promise<object> {
  try {
    return await runSpecJob(asObject(JSON.parse(new TextDecoder().decode(bytes))));
  } catch (error) {
    if (error instanceof FormatError) return { refused: error.message };
    throw error;
  }
}

async function convert(bytes: Uint8Array, name: string): Promise<object> {
  try {
    return await convertFile(bytes, name, { openApi: convertOpenApi });
  } catch (error) {
    if (error instanceof FormatError) return { refused: error.message };
    throw error;
  }
}

/** By the flag that the server gives; without one a file is converted. */
const jobs: ReadonlyMap<string, (bytes: Uint8Array, name: string) => Promise<object>> = new Map([
  ["--spec", doSpecJob],
  ["--check", check],
]);
