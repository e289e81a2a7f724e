import { rm } from "node:fs/promises";
import { join } from "node:path";

import { temporaryFolder } from "../support/processes.ts";
import { twoRequests } from "./collection.ts";
import { type Cost, measurePerRequest, median } from "./measure.ts";

const REPEATS = 5;
const ITERATIONS = 200;
const root = join(import.meta.dir, "../..");

/** CPU and wall of one scripted request, ours beside newman's, taken in turns on the same machine. */
export async function compareWithNewman(print: (line: string) => void): Promise<void> {
  const folder = temporaryFolder();
  const target = Bun.spawn([process.execPath, join(import.meta.dir, "target.ts")], { stdout: "pipe" });
  try {
    const file = join(folder, "two-requests.json");
    await Bun.write(file, JSON.stringify(twoRequests(await firstLine(target.stdout))));
    const ours: Cost[] = [];
    const newmans: Cost[] = [];
    const plan = { iterations: ITERATIONS, requestsPerIteration: 2 };
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      ours.push(await measurePerRequest((n) => ourCommand(file, n), plan));
      newmans.push(await measurePerRequest((n) => newmanCommand(file, n), plan));
    }
    printComparison(print, ours, newmans);
  } finally {
    target.kill();
    await target.exited;
    await rm(folder, { recursive: true, force: true });
  }
}

const ourCommand = (file: string, iterations: number) => [
  process.execPath,
  join(import.meta.dir, "engine-process.ts"),
  file,
  String(iterations),
];

const newmanCommand = (file: string, iterations: number) => [
  "node",
  join(root, "node_modules/newman/bin/newman.js"),
  "run",
  file,
  "--silent",
  "-n",
  String(iterations),
];

function printComparison(print: (line: string) => void, ours: Cost[], newmans: Cost[]): void {
  print(
    `per scripted request, ${ITERATIONS} × 2 requests, start of the program taken off, median of ${REPEATS}`,
  );
  for (const [label, key] of [
    ["CPU", "cpuMs"],
    ["wall", "wallMs"],
  ] as const) {
    const our = median(ours.map((cost) => cost[key]));
    const newman = median(newmans.map((cost) => cost[key]));
    print(
      `  ${label.padEnd(5)} engine ${our.toFixed(3)} ms   newman ${newman.toFixed(3)} ms   newman / engine ${(newman / our).toFixed(1)}`,
    );
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return text.slice(0, end);
  }
  throw new Error("the target ended before it said its address");
}
