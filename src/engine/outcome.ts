import { unreachable } from "../lib/errors.ts";
import type { Outcome, OutcomeReason, RunSummary, Step, StepErrorKind } from "./types.ts";

/** Why a run ended before its last step. */
export type Stop =
  | { reason: "run_timeout"; limitMs: number }
  | { reason: "cancelled" }
  | { reason: "collection_invalid" | "internal"; detail: string };

interface Verdict {
  outcome: Outcome;
  reason?: OutcomeReason;
  detail?: string;
}

interface StepFault {
  reason: OutcomeReason;
  stepName: string;
  message: string;
}

/** Adds up the steps of a run as they finish; keeps counts only, so that a run of any length stays small. */
export class Tally {
  #requests = 0;
  #requestsFailed = 0;
  #assertions = 0;
  #assertionsFailed = 0;
  #errors = 0;
  #responseMs = 0;
  #responseBytes = 0;
  #iterations = 0;
  #failedIn: { stepName: string; steps: number } | undefined;
  #unreachable: StepFault | undefined;
  #error: StepFault | undefined;

  add(step: Step): void {
    const failed = step.assertions.filter(({ status }) => status === "failed");
    this.#requests += step.skipped ? 0 : 1;
    this.#assertions += step.assertions.length;
    this.#assertionsFailed += failed.length;
    this.#errors += step.errors.length;
    this.#responseMs += step.timings?.totalMs ?? 0;
    this.#responseBytes += step.response?.body.bytes ?? 0;
    this.#iterations = Math.max(this.#iterations, step.iteration + 1);
    if (failed.length + step.errors.length > 0) this.#requestsFailed++;
    if (failed.length > 0) {
      this.#failedIn ??= { stepName: step.name, steps: 0 };
      this.#failedIn.steps++;
    }
    for (const { kind, message } of step.errors) {
      const fault = { reason: reasons[kind], stepName: step.name, message };
      if (kind === "target") this.#unreachable ??= fault;
      else this.#error ??= fault;
    }
  }

  summary(durationMs: number, stop?: Stop): RunSummary {
    return {
      ...this.#verdict(stop),
      iterations: this.#iterations,
      requestsTotal: this.#requests,
      requestsFailed: this.#requestsFailed,
      assertionsTotal: this.#assertions,
      assertionsFailed: this.#assertionsFailed,
      errorsTotal: this.#errors,
      responseMsTotal: this.#responseMs,
      responseBytesTotal: this.#responseBytes,
      durationMs,
    };
  }

  /**
   * Aborted before everything: what did not run cannot be judged. Then failed before errored: a failed assertion
   * or a dead target is a fact about the API that no trouble of ours beside it takes back. Among failures the
   * dead target comes first, because assertions usually fail because of it.
   */
  #verdict(stop?: Stop): Verdict {
    if (stop) return stopVerdict(stop);
    if (this.#unreachable) {
      const { reason, stepName, message } = this.#unreachable;
      return { outcome: "failed", reason, detail: `"${stepName}" got no answer: ${message}` };
    }
    if (this.#failedIn) {
      const count = `${this.#assertionsFailed} of ${this.#assertions} assertions failed`;
      const where = `${this.#failedIn.steps > 1 ? ", first in" : " in"} "${this.#failedIn.stepName}"`;
      return { outcome: "failed", reason: "assertion_failed", detail: count + where };
    }
    if (this.#error) {
      const { reason, stepName, message } = this.#error;
      return { outcome: "errored", reason, detail: `"${stepName}": ${message}` };
    }
    return { outcome: "passed" };
  }
}

function stopVerdict(stop: Stop): Verdict {
  switch (stop.reason) {
    case "run_timeout":
      return {
        outcome: "aborted",
        reason: "run_timeout",
        detail: `The run was stopped at its time limit of ${stop.limitMs} ms.`,
      };
    case "cancelled":
      return { outcome: "aborted", reason: "cancelled", detail: "The run was cancelled." };
    case "collection_invalid":
    case "internal":
      return { outcome: "errored", reason: stop.reason, detail: stop.detail };
    default:
      return unreachable(stop);
  }
}

const reasons: Record<StepErrorKind, OutcomeReason> = {
  target: "target_unreachable",
  dns: "dns",
  proxy: "proxy",
  egress_denied: "egress_denied",
  request: "request_invalid",
  too_large: "too_large",
  script: "script_error",
  script_timeout: "script_timeout",
  script_memory: "script_memory",
};
