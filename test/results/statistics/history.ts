import type { Database } from "../../../db/connect.ts";
import type { Outcome } from "../../../src/contract/events.ts";
import type { Trigger } from "../../../src/runs/run.ts";
import { createMake } from "../../support/make.ts";
import { step } from "../../web/samples.ts";

/** One request of a stored run: item id, response time (null = no answer), whether it failed. */
export interface StoredStep {
  item: string;
  ms: number | null;
  failed?: boolean;
}

export interface StoredRun {
  at: Date;
  outcome?: Outcome;
  durationMs?: number | null;
  runnerId?: string | null;
  trigger?: Trigger;
  steps?: StoredStep[];
}

/** What a response time is made of in these histories. */
export const phasesOf = (ms: number) => ({
  dnsMs: 1,
  connectMs: 2,
  tlsMs: 3,
  firstByteMs: ms - 10,
  downloadMs: 4,
  totalMs: ms,
});

/** Runs as runners would have reported them, ended and not counted yet. */
export async function storeHistory(
  database: Database,
  monitorId: string,
  history: readonly StoredRun[],
): Promise<string[]> {
  const make = createMake(database);
  const ids: string[] = [];
  for (const {
    at,
    outcome = "passed",
    durationMs = 100,
    runnerId = null,
    trigger = "scheduled",
    steps = [],
  } of history) {
    const execution = await make.execution({ monitorId, trigger, createdAt: at, finishedAt: at, outcome });
    const answered = steps.filter(({ ms }) => ms !== null);
    const run = await make.run({
      monitorId,
      executionId: execution.id,
      queuedAt: at,
      status: "finished",
      outcome,
      attempt: 1,
      runnerId,
      durationMs,
      requestsTotal: steps.length,
      responseMsTotal: answered.reduce((sum, { ms }) => sum + (ms ?? 0), 0),
    });
    if (steps.length > 0) await make.events(run.id, 1, steps.map(toEvent));
    ids.push(run.id);
  }
  return ids;
}

const toEvent = ({ item, ms, failed }: StoredStep, index: number) => ({
  seq: index + 1,
  type: "step_finished" as const,
  step: step({
    itemId: item,
    name: `Request ${item}`,
    path: [],
    position: index + 1,
    timings: ms === null ? undefined : phasesOf(ms),
    errors: [],
    assertions: [
      {
        name: "is fine",
        status: failed ? ("failed" as const) : ("passed" as const),
        source: "test" as const,
      },
    ],
  }),
});
