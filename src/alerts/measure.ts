import type { Database } from "../../db/connect.ts";
import type { Certificate } from "../contract/events.ts";
import { listSteps } from "../runs/read.ts";
import { listStepHeads } from "../runs/step-heads.ts";
import type { EndedRun } from "./evaluate-store.ts";
import { type Observation, percentile95 } from "./judge.ts";
import { oneLine } from "./message.ts";
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
  let worst: (Taken & { run: EndedRun }) | undefined;
  for (const run of runs.filter(({ outcome }) => outcome === "passed")) {
    const taken = limit.of === "run" ? ofRun(run) : await ofResponses(database, run.id, limit.of);
    if (taken && (worst === undefined || taken.ms > worst.ms)) worst = { run, ...taken };
  }
  if (!worst) return UNKNOWN;
  return {
    observation: worst.ms > limit.ms ? "holds" : "gone",
    run: worst.run,
    sentence: latencySentence(limit.of, worst.ms, limit.ms, worst.step),
  };
}

interface Taken {
  ms: number;
  /** Whose response it was. */
  step?: string;
}

const ofRun = ({ durationMs }: EndedRun): Taken | undefined =>
  durationMs === null ? undefined : { ms: durationMs };

async function ofResponses(
  database: Database,
  runId: string,
  of: "p95" | "slowest",
): Promise<Taken | undefined> {
  const { heads } = await listStepHeads(database, { runId });
  const taken = heads
    .flatMap(({ name, timings }) => (timings ? [{ ms: timings.totalMs, step: oneLine(name, 100) }] : []))
    .toSorted((left, right) => right.ms - left.ms);
  if (of === "slowest") return taken[0];
  const ms = percentile95(taken.map((one) => one.ms));
  return ms === undefined ? undefined : { ms };
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
    sentence: certificateSentence(nameOf(soonest.certificate), {
      days: soonest.endsInDays,
      endsAt: new Date(soonest.certificate.validTo),
    }),
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
