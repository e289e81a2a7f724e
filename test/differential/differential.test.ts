import { afterAll, beforeAll, expect, test } from "bun:test";

import { cases } from "./cases/index.ts";
import { compare, report, type Pair } from "./compare.ts";
import { differences } from "./differences.ts";
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
