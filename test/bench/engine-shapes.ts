import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { createScriptHost } from "../../src/engine/sandbox/host.ts";
import { defaultRunOptions, type CollectionDocument, type RunOptions } from "../../src/engine/types.ts";
import { descendantsOf } from "../support/processes.ts";
import { twoRequests } from "./collection.ts";
import { costOf } from "./process-cost.ts";

const root = new URL("../..", import.meta.url).pathname;
const RUNS = 10_000;
/** Script processes are replaced now and then: what they have cost is looked at often enough to miss little. */
const SAMPLE_EVERY = 20;

/** What unusual shapes of runs cost, and whether memory stays flat. Prints CPU of the engine and its script processes. */
export async function measureShapes(print: (line: string) => void): Promise<void> {
  const target = Bun.spawn([process.execPath, `${root}/test/bench/target.ts`], { stdout: "pipe" });
  const scripts = createScriptHost({
    command: [process.execPath, `${root}/src/main.ts`, "script-process"],
    maxIdle: 100,
    memoryLimitMb: 512,
  });
  const engine = createEngine({ scripts });
  const bench: Bench = { engine, baseUrl: await firstLine(target.stdout), target: target.pid, print };
  try {
    await runOnce(engine, twoRequests(bench.baseUrl));
    await measure(bench, "one response of 5 MB, 3 assertions over it", 10, largeResponse(bench.baseUrl));
    await measure(bench, "one script with 200 assertions", 100, manyAssertions(bench.baseUrl));
    await measure(bench, "a collection with 2,000 requests, a script each", 1, manyRequests(bench.baseUrl));
    await measureConcurrent(bench, 100);
    await measureMemory(bench);
  } finally {
    await engine.close();
    target.kill();
    await target.exited;
  }
}

interface Bench {
  engine: Engine;
  baseUrl: string;
  target: number;
  print: (line: string) => void;
}

async function measure(
  bench: Bench,
  name: string,
  runs: number,
  document: CollectionDocument,
): Promise<void> {
  const before = snapshot(bench);
  let requests = 0;
  for (let run = 0; run < runs; run++) requests += await runOnce(bench.engine, document);
  bench.print(`${name}: ${per(before, snapshot(bench), requests)} a request`);
}

async function measureConcurrent(bench: Bench, count: number): Promise<void> {
  const document = twoRequests(bench.baseUrl);
  const before = snapshot(bench);
  await Promise.all(Array.from({ length: count }, () => runOnce(bench.engine, document)));
  const cold = snapshot(bench);
  await Promise.all(Array.from({ length: count }, () => runOnce(bench.engine, document)));
  const warm = snapshot(bench);
  bench.print(
    `${count} runs at once: ${per(before, cold, count)} a run with the start of their script processes, then ${per(cold, warm, count)}`,
  );
}

async function measureMemory(bench: Bench): Promise<void> {
  const document = twoRequests(bench.baseUrl);
  const sizes: string[] = [];
  const before = snapshot(bench);
  for (let run = 1; run <= RUNS; run++) {
    await runOnce(bench.engine, document);
    if (run % SAMPLE_EVERY === 0) snapshot(bench);
    if (run % (RUNS / 10) === 0) sizes.push(costOf([process.pid]).residentMb.toFixed(0));
  }
  bench.print(`${RUNS} runs of two requests, one at a time: ${per(before, snapshot(bench), RUNS)} a run`);
  bench.print(`  RSS of the engine's process after each tenth, MB: ${sizes.join(" ")}`);
}

/** Runs to the end; throws unless everything passed, because failing early is cheap. */
async function runOnce(
  engine: Engine,
  collection: CollectionDocument,
  more: Partial<RunOptions> = {},
): Promise<number> {
  const options = { ...defaultRunOptions, ...more };
  for await (const event of engine.run({ collection, options }, { signal: new AbortController().signal })) {
    if (event.type !== "run_finished") continue;
    if (event.summary.outcome !== "passed")
      throw new Error(`a run did not pass: ${JSON.stringify(event.summary)}`);
    return event.summary.requestsTotal;
  }
  throw new Error("a run did not end");
}

interface Snapshot {
  wallMs: number;
  cpuMs: number;
}

function snapshot({ target }: Bench): Snapshot {
  for (const pid of [process.pid, ...descendantsOf(process.pid)])
    if (pid !== target) cpuMsByPid.set(pid, costOf([pid]).cpuMs);
  const cpuMs = [...cpuMsByPid.values()].reduce((sum, each) => sum + each, 0);
  return { wallMs: performance.now(), cpuMs };
}

/** As last seen; processes that have ended count on. */
const cpuMsByPid = new Map<number, number>();

const per = (before: Snapshot, after: Snapshot, count: number): string =>
  [
    `CPU ${((after.cpuMs - before.cpuMs) / count).toFixed(2)} ms`,
    `wall ${((after.wallMs - before.wallMs) / count).toFixed(2)} ms`,
  ].join(", ");

const tested = (name: string, url: string, ...exec: string[]) => ({
  name,
  request: url,
  event: [{ listen: "test", script: { exec } }],
});

const collectionOf = (...item: unknown[]): CollectionDocument => ({ info: { name: "Shape" }, item });

const largeResponse = (baseUrl: string): CollectionDocument =>
  collectionOf(
    tested(
      "large",
      `${baseUrl}/large`,
      "const { rows } = pm.response.json();",
      'pm.test("status", () => pm.response.to.have.status(200));',
      'pm.test("rows", () => pm.expect(rows.length).to.be.above(1000));',
      'pm.test("all have a name", () => pm.expect(rows.every((row) => row.name)).to.be.true);',
    ),
  );

const manyAssertions = (baseUrl: string): CollectionDocument =>
  collectionOf(
    tested(
      "many",
      `${baseUrl}/items`,
      "const { items } = pm.response.json();",
      "for (let n = 0; n < 200; n++)",
      "  pm.test(`assertion ${n}`, () => pm.expect(items[n % 20].id).to.equal(n % 20));",
    ),
  );

const manyRequests = (baseUrl: string): CollectionDocument =>
  collectionOf(
    ...Array.from({ length: 2000 }, (_, number) =>
      tested(
        `request ${number}`,
        `${baseUrl}/items?number=${number}`,
        'pm.test("ok", () => pm.response.to.have.status(200));',
      ),
    ),
  );

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes("\n")) return text.slice(0, text.indexOf("\n"));
  }
  throw new Error("the target ended before it said its address");
}
