// Our side of the comparison, started with: collection file, number of iterations.
import { createEngine } from "../../src/engine/engine.ts";
import { createScriptHost } from "../../src/engine/sandbox/host.ts";
import { defaultRunOptions } from "../../src/engine/types.ts";

const [file = "", iterations = "1"] = process.argv.slice(2);
const collection: Record<string, unknown> = await Bun.file(file).json();

const main = new URL("../../src/main.ts", import.meta.url).pathname;
const scripts = createScriptHost({
  command: [process.execPath, main, "script-process"],
  maxIdle: 1,
  memoryLimitMb: 512,
});
const engine = createEngine({ scripts });
const options = { ...defaultRunOptions, iterationCount: Number(iterations) };

let failures = 0;
let requests = 0;
for await (const event of engine.run({ collection, options }, { signal: new AbortController().signal })) {
  if (event.type !== "step_finished") continue;
  requests++;
  failures +=
    event.step.errors.length + event.step.assertions.filter(({ status }) => status === "failed").length;
}
await engine.close();
process.stdout.write(`${requests} requests, ${failures} failures\n`);
process.exit(failures === 0 && requests === 2 * Number(iterations) ? 0 : 1);
