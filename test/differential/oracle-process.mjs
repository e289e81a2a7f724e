// Runs under node. Reads one case a line, runs it with the oracle that is named, writes what it told as one line.
import { createInterface } from "node:readline";

/** Cases at once: while one waits for a timer or an answer, another has the processor. */
const CONCURRENT = 3;

/** A case that an oracle never ends must not hold up the others. */
const LIMIT_MS = 60_000;

const { run } = await import(process.argv[2] === "newman" ? "./run-newman.mjs" : "./run-runtime.mjs");

// A promise that a script leaves rejected must not end the other cases.
process.on("unhandledRejection", () => {});

const waiting = [];
let running = 0;

for await (const line of createInterface({ input: process.stdin })) {
  waiting.push(JSON.parse(line));
  startNext();
}

function startNext() {
  if (running === CONCURRENT || waiting.length === 0) return;
  running++;
  const source = waiting.shift();
  let isDone = false;
  const done = (told) => {
    if (isDone) return;
    isDone = true;
    clearTimeout(limit);
    running--;
    process.stdout.write(`${JSON.stringify({ id: source.id, told })}\n`);
    startNext();
  };
  const limit = setTimeout(() => done(refusal("did not end")), LIMIT_MS);
  try {
    run(source, done);
  } catch (error) {
    done(refusal(String(error)));
  }
}

function refusal(refused) {
  return { steps: [], variables: { environment: [], globals: [], collection: [] }, refused };
}
