import { readFileSync } from "node:fs";

import { z } from "zod";

import type { CheckCollection, ConvertFile, ConvertSpec } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";

interface ConverterOptions {
  /** Starts the convert process; the name of the file is added. */
  command: string[];
  /** Longest time for one file, in ms. */
  limitMs?: number;
}

const LIMIT_MS = 60_000;
const MAX_NAME_CHARS = 200;

const MAX_RESIDENT_BYTES = 1024 * 1024 * 1024;
const WATCH_MS = 100;

const answer = z.union([
  z.object({
    documents: z.array(
      z.object({
        kind: z.enum(["collection", "environment", "globals"]),
        name: z.string(),
        content: z.record(z.string(), z.unknown()),
      }),
    ),
    warnings: z.array(z.string()),
  }),
  z.object({ refused: z.string() }),
]);

const specAnswer = z.union([
  z.object({
    collection: z.record(z.string(), z.unknown()).optional(),
    text: z.string().optional(),
    warnings: z.array(z.string()),
  }),
  z.object({ refused: z.string() }),
]);

const checkAnswer = z.object({
  findings: z.array(
    z.object({ level: z.enum(["unsupported", "different"]), where: z.string(), what: z.string() }),
  ),
});

/** Runs one command with its input, after all that were asked for before. */
type InTurn = (command: string[], input: Uint8Array) => Promise<unknown>;

/** Converts files in a process of their own, one after the other: one may take all the memory that there is to spare. */
export const createConverter = (options: ConverterOptions): ConvertFile => createConverters(options).convert;

/** Files and specifications, which share the turn. */
export function createConverters({ command, limitMs = LIMIT_MS }: ConverterOptions): {
  convert: ConvertFile;
  convertSpec: ConvertSpec;
  checkCollection: CheckCollection;
} {
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn: InTurn = (whole, input) => {
    const converting = turn.then(() => run(whole, input, limitMs));
    turn = converting.catch(() => undefined);
    return converting;
  };
  return {
    convert: async (bytes, name) => {
      const converted = answer.parse(await inTurn([...command, name.slice(0, MAX_NAME_CHARS)], bytes));
      if ("refused" in converted) throw refused(converted.refused);
      return converted;
    },
    checkCollection: async (document) => {
      const input = new TextEncoder().encode(JSON.stringify(document));
      return checkAnswer.parse(await inTurn([...command, "collection", "--check"], input)).findings;
    },
    convertSpec: async (job) => {
      const input = new TextEncoder().encode(JSON.stringify(job));
      const converted = specAnswer.parse(await inTurn([...command, "spec", "--spec"], input));
      if ("refused" in converted) throw refused(converted.refused);
      return converted;
    },
  };
}

const refused = (why: string): AppError => new AppError("bad_request", `The document ${why}`);

async function run(command: string[], bytes: Uint8Array, limitMs: number): Promise<unknown> {
  const child = Bun.spawn(command, {
    // Nothing of ours is to be found inside.
    env: {},
    cwd: "/",
    stdin: bytes,
    stdout: "pipe",
    stderr: "ignore",
    timeout: limitMs,
    killSignal: "SIGKILL",
  });
  const watch = setInterval(() => {
    if (residentBytes(child.pid) > MAX_RESIDENT_BYTES) child.kill("SIGKILL");
  }, WATCH_MS);
  const text = await new Response(child.stdout).text().finally(() => clearInterval(watch));
  if ((await child.exited) !== 0)
    throw new AppError(
      "bad_request",
      "The file cannot be converted: that broke off, or it takes too much time or memory.",
    );
  return JSON.parse(text);
}

/** 0 where it cannot be read: only Linux tells, and then until the process has ended. */
function residentBytes(pid: number): number {
  try {
    const [, kilobytes = "0"] =
      /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return Number(kilobytes) * 1024;
  } catch {
    return 0;
  }
}
