import type { CollectionDocument, RunEvent, RunSummary, Step, Variable } from "../../../engine/types.ts";

/** Writes down a run in one format, event by event. */
export interface Reporter {
  event: (event: RunEvent) => void;
  /** After the last event; may write files. */
  end: () => Promise<void>;
}

/** What reporters say about a run beside its events. */
export interface RunFacts {
  collectionId: string;
  collectionName: string;
  collection: CollectionDocument;
  environment: { id?: string; name?: string; values: Variable[] } | undefined;
  globals: { values: Variable[] } | undefined;
  iterationCount: number;
  startedAt: Date;
  /** What is known of each request before the run, in the order of one iteration. */
  planned: Map<string, PlannedRequest>;
}

export interface PlannedRequest {
  /** 0-based, within one iteration. */
  position: number;
  /** Scripts that it runs, with those of its folders and the collection. */
  prerequest: number;
  test: number;
}

/** All events of a run, for reporters that write at its end. */
export interface Findings {
  steps: Step[];
  summary: RunSummary | undefined;
}

/** A reporter that writes one file when the run is over. */
export function createFileReporter(write: (findings: Findings) => Promise<void>): Reporter {
  const findings: Findings = { steps: [], summary: undefined };
  return {
    event: (event) => {
      if (event.type === "step_finished") findings.steps.push(event.step);
      if (event.type === "run_finished") findings.summary = event.summary;
    },
    end: () => write(findings),
  };
}
