import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import { cases } from "./cases/index.ts";
import { compare, report, type Pair } from "./compare.ts";
import { differences } from "./differences.ts";
import { newerThanNewman } from "./newer.ts";
import type { Observation } from "./observation.ts";
import { startBoth, type BothRunners } from "./run-all.ts";

/** All cases wait in one queue, so the first one to be looked at may wait for a cold start. */
const CASE_LIMIT_MS = 120_000;

const compared: Pair[] = [];
let both: BothRunners;

beforeAll(async () => {
  both = await startBoth(cases);
});

afterAll(async () => {
  await both.stop();
  process.stdout.write(`\n${compared.length} collections compared with newman\n`);
});

test.each(cases.map(({ id }) => id))(
  "%s",
  async (id) => {
    const pair = await both.pairOf(id);
    const findings = compare(pair);
    compared.push(pair);

    expect(findings.length === 0 ? "" : report(id, findings)).toBe("");
  },
  CASE_LIMIT_MS,
);

describe("the comparison", () => {
  const planted: [where: string, change: (observation: Observation) => void][] = [
    ["a header", ({ requests }) => requests[0]?.headers.push(["X-Planted", "1"])],
    ["the case of a header", ({ requests }) => requests[0]?.headers.splice(0, 1, ["user-agent", "x"])],
    [
      "the order of headers",
      ({ requests }) => requests[0]?.headers.push(...(requests[0]?.headers.splice(0, 1) ?? [])),
    ],
    ["a byte of the body", ({ requests }) => Object.assign(requests[0] ?? {}, { body: "x" })],
    ["a request too many", ({ requests, steps }) => requests.push(...requests.slice(0, steps.length))],
    ["an assertion", ({ steps }) => steps[0]?.assertions.push({ name: "planted", status: "passed" })],
    ["a line of the console", ({ steps }) => steps[0]?.console.push({ level: "log", messages: ["planted"] })],
    ["a variable", ({ variables }) => variables.environment.push(["planted", "1"])],
    ["a step", ({ steps }) => steps.pop()],
  ];

  test.each(planted)("finds %s", async (_where, change) => {
    const pair = structuredClone(await both.pairOf("url: plain path"));
    change(pair.ours);

    expect(compare(pair)).not.toEqual([]);
  });

  test.each(differences.map(({ id }) => id))("needs the difference %s", (id) => {
    const others = differences.filter((difference) => difference.id !== id);

    expect(compared.some((pair) => compare(pair, others).length > 0)).toBe(true);
  });

  test.each([...newerThanNewman])("needs the newer runtime for %s", async (id) => {
    const { older, ours } = await both.pairOf(id);
    if (!older) throw new Error("newman has run it, too");

    expect(compare({ id, postman: older, ours })).not.toEqual([]);
  });

  test("has enough to compare", () => {
    expect(cases.length).toBeGreaterThanOrEqual(300);
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
  });
});
