import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { ScriptAssertion, ScriptRequest } from "../../../src/engine/sandbox/protocol.ts";
import { prerequest, runnerOf, scriptRequest, testHost } from "./support.ts";

/**
 * Postman's own sandbox as the oracle: what scripts compute, and how they fail, is the same here. One case a line:
 * an expression, `<` before one that runs before the request, `#` before a whole script.
 */
const folder = join(import.meta.dir, "oracle");
const cases = readFileSync(join(folder, "expressions.txt"), "utf8").split("\n").filter(Boolean);

const fields: Partial<ScriptRequest> = {
  cookies: [{ name: "sid", value: "1", domain: "api.test", path: "/" }],
  data: { row: 5 },
  environmentName: "Env",
  scopes: {
    local: [],
    environment: [
      { key: "host", value: "h.test", enabled: true },
      { key: "off", value: "x", enabled: false },
    ],
    collection: [{ key: "c", value: "1", enabled: true }],
    globals: [{ key: "g", value: "2", enabled: true }],
  },
};

/** Leaves the value, or the name and message of the error that it was caught with, in a variable. */
const evaluating = (expression: string): string =>
  `let found; try { found = (${expression}\n); found = JSON.stringify(found) ?? String(found) }
   catch (e) { found = 'THROWS ' + e.name + ': ' + e.message } pm.globals.set("out", found)`;

function toRequest(line: string): ScriptRequest {
  if (line.startsWith("#")) return scriptRequest(line.slice(1), fields);
  if (line.startsWith("<")) return prerequest(evaluating(line.slice(1)), fields);
  return scriptRequest(evaluating(line), fields);
}

interface Observation {
  globals: { key: string; value: unknown }[];
  assertions: unknown[];
  console: { level: string; messages: unknown[] }[];
  error?: { name: string; message: string };
  nextRequest?: unknown;
  skipped: boolean;
}

async function observe(requests: ScriptRequest[]): Promise<Observation[]> {
  const host = testHost();
  const session = await host.open();
  const { run } = runnerOf(() => session);
  const observations: Observation[] = [];
  for (const request of requests) {
    const { scopes, assertions, console, error, nextRequest, skipRequest = false } = await run(request);
    observations.push({
      globals: scopes.globals ?? [],
      assertions: assertions.map(withoutLine),
      console,
      ...(error ? { error } : {}),
      nextRequest,
      skipped: skipRequest,
    });
  }
  await session.close();
  await host.close();
  return observations;
}

/** Postman tells no lines. */
const withoutLine = ({ error, ...assertion }: ScriptAssertion) =>
  error ? { ...assertion, error: { name: error.name, message: error.message } } : assertion;

function observePostman(requests: ScriptRequest[]): Observation[] {
  const program = join(folder, "oracle-process.cjs");
  const { stdout } = Bun.spawnSync(["node", program], { stdin: Buffer.from(JSON.stringify(requests)) });
  // Written by the program above.
  return JSON.parse(stdout.toString()) as Observation[];
}

/** What counts of a case, as one text. */
function summary(line: string, observation: Observation | undefined): string {
  const { globals = [], assertions, console = [], error, nextRequest, skipped } = observation ?? {};
  const value = globals.find(({ key }) => key === "out")?.value;
  if (!line.startsWith("#")) return typeof value === "string" ? value : `${error?.name}: ${error?.message}`;
  const printed = console.map(({ level, messages }) => [
    level,
    ...messages.map((message) => (typeof message === "string" ? message : JSON.stringify(message))),
  ]);
  const failure = error && [error.name, error.message];
  return JSON.stringify({ assertions, printed, failure, nextRequest, skipped });
}

test("scripts compute and fail as in Postman's sandbox", async () => {
  const requests = cases.map(toRequest);
  const theirs = observePostman(requests);

  const ours = await observe(requests);

  const differences = cases.flatMap((line, index) => {
    const [postman, here] = [summary(line, theirs[index]), summary(line, ours[index])];
    return postman === here ? [] : [{ line, postman, here }];
  });
  expect(cases.length).toBeGreaterThan(400);
  expect(differences).toEqual([]);
}, 120_000);
