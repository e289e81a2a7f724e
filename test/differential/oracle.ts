import { join } from "node:path";

import type { Case } from "./case.ts";
import type { Told } from "./observation.ts";

/** Postman's own code, which we are compared with. */
export type OracleName = "newman" | "runtime";

/** An oracle in one node process for all cases: starting it costs more than most collections. */
export interface Oracle {
  run(source: Case): Promise<Told>;
  stop(): Promise<void>;
}

export function startOracle(name: OracleName): Oracle {
  const waiting = new Map<string, { resolve: (told: Told) => void; reject: (error: Error) => void }>();
  const child = Bun.spawn(["node", join(import.meta.dir, "oracle-process.mjs"), name], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reading = readLines(child.stdout, (line) => {
    // Our own program writes these lines.
    const { id, told } = JSON.parse(line) as { id: string; told: Told };
    waiting.get(id)?.resolve(told);
    waiting.delete(id);
  }).finally(() => {
    for (const [id, { reject }] of waiting) reject(new Error(`${name} ended before "${id}"`));
  });
  return {
    run(source) {
      const { promise, resolve, reject } = Promise.withResolvers<Told>();
      waiting.set(source.id, { resolve, reject });
      void child.stdin.write(`${JSON.stringify(source)}\n`);
      void child.stdin.flush();
      return promise;
    },
    async stop() {
      await child.stdin.end();
      await reading;
      await child.exited;
    },
  };
}

async function readLines(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const chunk of stream) {
    pending += decoder.decode(chunk, { stream: true });
    const lines = pending.split("\n");
    pending = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  }
}
