import type { Database } from "../../db/connect.ts";
import type { Certificate } from "../contract/events.ts";
import { listSteps } from "../runs/read.ts";
import { listStepHeads } from "../runs/step-heads.ts";
import type { EndedRun } from "./evaluate-store.ts";
import { type Observation, percentile95 } from "./judge.ts";
import { certificateSentence, latencySentence } from "./words.ts";

/** What was measured in the runs of an execution, against a limit. */
export interface Measurement {
  observation: Observation;
  /** The run that shows it; undefined when nothing could be measured. */
  run: EndedRun | undefined;
  sentence: string | null;
}

const UNKNOWN: Measurement = { observation: "nothing", run: undefined, sentence: null };

/** How slow the slowest run was. A run that failed or was stopped says nothing about speed. */
export async function measureLatency(
  database: Database,
  runs: readonly EndedRun[],
  limit: { ms: number; of: "run" | "p95" | "slowest" },
): Promise<Measurement> {
  let worst: { run: EndedRun; ms: number } | undefined;
  for (const run of runs.filter(({ outcome }) => outcome === "passed")) {
    const ms = limit.of === "run" ? run.durationMs : await responseMs(database, run.id, limit.of);
    if (typeof ms === "number" && (worst === undefined || ms > worst.ms)) worst = { run, ms };
  }
  if (!worst) return UNKNOWN;
  return {
    observation: worst.ms > limit.ms ? "holds" : "gone",
    run: worst.run,
    sentence: latencySentence(limit.of, worst.ms, limit.ms),
  };
}

async function responseMs(
  database: Database,
  runId: string,
  of: "p95" | "slowest",
): Promise<number | undefined> {
  const { heads } = await listStepHeads(database, { runId });
  const times = heads.flatMap(({ timings }) => (timings ? [timings.totalMs] : []));
  return of === "p95" ? percentile95(times) : times.toSorted((left, right) => right - left)[0];
}

const DAY_MS = 86_400_000;

/** How soon the first certificate ends that the runs were shown; by the time at which the execution ended. */
export async function measureCertificates(
  database: Database,
  runs: readonly EndedRun[],
  { days, at }: { days: number; at: Date },
): Promise<Measurement> {
  let soonest: { run: EndedRun; certificate: Certificate; endsInDays: number } | undefined;
  for (const run of runs) {
    for (const certificate of await readCertificates(database, run.id)) {
      const endsInDays = (Date.parse(certificate.validTo) - at.getTime()) / DAY_MS;
      if (Number.isNaN(endsInDays)) continue;
      if (!soonest || endsInDays < soonest.endsInDays) soonest = { run, certificate, endsInDays };
    }
  }
  if (!soonest) return UNKNOWN;
  return {
    observation: soonest.endsInDays <= days ? "holds" : "gone",
    run: soonest.run,
    sentence: certificateSentence(nameOf(soonest.certificate), soonest.endsInDays),
  };
}

async function readCertificates(database: Database, runId: string): Promise<Certificate[]> {
  const { steps } = await listSteps(database, runId);
  return steps.flatMap(({ certificate, response }) =>
    [certificate, response?.certificate].filter((one) => one !== undefined),
  );
}

const nameOf = ({ subject, names }: Certificate): string =>
  /(?:^|, )CN=([^,]+)/.exec(subject)?.[1] ?? names?.[0] ?? subject;
