import type { Database } from "../../../db/connect.ts";
import { unpackEvents } from "../../runs/packed-events.ts";
import { fullRunBody } from "../../runs/postman.ts";
import type { RunDetail } from "../../runs/read.ts";
import type { RunAttempt } from "../../runs/step-heads.ts";

/** Batches that are in memory at a time. */
const BATCHES = 8;

/** The document of `GET /api/runs/{id}` with every step of an attempt, part by part. */
export async function* runDocument(
  database: Database,
  run: RunDetail,
  attempt: number | undefined,
): AsyncGenerator<string> {
  const { steps: _steps, hiddenSteps: _hidden, ...head } = fullRunBody(run, [], 0);
  const document = { ...head, attempt: attempt ?? run.attempt, hiddenSteps: 0 };
  yield `{"run":${JSON.stringify(document).slice(0, -1)},"steps":[`;
  let separator = "";
  for await (const steps of stepTexts(database, { runId: run.id, attempt })) {
    if (steps.length === 0) continue;
    yield separator + steps.join(",");
    separator = ",";
  }
  yield "]}}\n";
}

async function* stepTexts({ sql }: Database, { runId, attempt }: RunAttempt): AsyncGenerator<string[]> {
  let after = 0;
  for (;;) {
    const batches = await sql<{ firstSeq: number; events: Uint8Array }[]>`
      select v.first_seq as "firstSeq", v.events
        from run_events v join runs r on r.id = v.run_id and v.attempt = coalesce(${attempt ?? null}::int, r.attempt)
       where v.run_id = ${runId} and v.first_seq > ${after} order by v.first_seq limit ${BATCHES}`;
    const last = batches.at(-1);
    if (!last) return;
    for (const { events } of batches) {
      yield unpackEvents(events).flatMap((event) =>
        event.type === "step_finished" ? [JSON.stringify(event.step)] : [],
      );
    }
    after = last.firstSeq;
  }
}
