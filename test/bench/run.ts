// `bun test/bench/run.ts [engine] [shapes] [wire] [load]`: the budgets that can be measured against a peer. Prints, never judges:
// a machine that is busy with something else would fail a test for no reason.
import { compareWithNewman } from "./engine-and-newman.ts";
import { measureShapes } from "./engine-shapes.ts";
import { measureLoad } from "./load.ts";
import { measureStartToWire } from "./start-to-wire.ts";

const benchmarks = new Map([
  ["engine", compareWithNewman],
  ["shapes", measureShapes],
  ["wire", measureStartToWire],
  ["load", measureLoad],
]);

const asked = process.argv.slice(2);
for (const [name, run] of benchmarks) {
  if (asked.length === 0 || asked.includes(name)) await run((line) => void process.stdout.write(`${line}\n`));
}
