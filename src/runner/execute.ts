import { z } from "zod";

import type { RunEvent as WireEvent } from "../contract/events.ts";
import { type Keeping, leaveOut } from "../contract/kept.ts";
import type { Assignment } from "../contract/runner.ts";
import type { Secret } from "../engine/redact.ts";
import type { RunHooks } from "../engine/run.ts";
import {
  defaultRunOptions,
  type RunEvent,
  type RunInput,
  type RunSummary,
  type Variable,
} from "../engine/types.ts";
import { toError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { Secrets } from "../lib/secrets.ts";
import { createEventRedactor, secretsOf } from "./redact-event.ts";

type Redact = (event: RunEvent) => RunEvent;
const unchanged: Redact = (event) => event;

/** The part of the engine that a runner needs. */
export interface RunEngine {
  run(input: RunInput, hooks: RunHooks): AsyncIterable<RunEvent>;
}

export interface ExecuteDeps {
  engine: RunEngine;
  /** Secrets that never leave the runner: `{{vault:name}}` and `pm.vault.get`; absent = there is no vault. */
  vault?: Secrets;
  /** Opens what was sealed to this instance. */
  openSealed: (sealed: string) => string;
  /** Stores one event, as JSON, before anything is sent. */
  append: (line: string) => Promise<void>;
  /** Aborted with reason `DROP` when nobody wants the result any more, else to cancel the run. */
  signal: AbortSignal;
  log: Log;
  /** Sees every event before it is redacted and stored. */
  onEvent?: (event: RunEvent) => void;
}

/** Reason of an abort after which not even a result is reported. */
export const DROP = "drop";

const variableDocument = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  values: z.array(z.looseObject({ key: z.string() })),
});

const dataRow = z.record(z.string(), z.unknown());

/** Executes one assignment; the events always end with `run_finished`, unless the run was dropped. */
export async function executeRun(assignment: Assignment, deps: ExecuteDeps): Promise<RunSummary | undefined> {
  let seq = 0;
  const { keepRequests: requests, keepResponses: responses } = assignment.options;
  const keeping = requests && responses ? { requests, responses } : undefined;
  const store = async (event: RunEvent, redact: Redact) => {
    seq = event.seq;
    deps.onEvent?.(event);
    await deps.append(toLine(redact(keeping ? keepOf(event, keeping) : event)));
  };
  let redact = unchanged;
  try {
    const input = toRunInput(assignment, deps.openSealed);
    const ofVault = [...(deps.vault ?? [])].map(([name, value]) => ({ name, value }));
    const secrets = [...secretsOf(input), ...ofVault];
    redact = createEventRedactor(secrets);
    const onSecret = (secret: Secret) => {
      secrets.push(secret);
      redact = createEventRedactor(secrets);
    };
    const hooks = { signal: deps.signal, onSecret, ...(deps.vault && { vault: deps.vault }) };
    for await (const event of deps.engine.run(input, hooks)) {
      if (deps.signal.aborted && deps.signal.reason === DROP) return undefined;
      await store(event, redact);
      if (event.type === "run_finished") return event.summary;
    }
    throw new Error("the engine stopped without a result");
  } catch (error) {
    if (deps.signal.aborted && deps.signal.reason === DROP) return undefined;
    const summary = brokenSummary(error, deps.signal);
    deps.log.error("run broke", { why: toError(error).message });
    await store({ seq: seq + 1, type: "run_finished", summary }, redact);
    return summary;
  }
}

const keepOf = (event: RunEvent, keeping: Keeping): RunEvent =>
  event.type === "step_finished" ? { ...event, step: leaveOut(event.step, keeping) } : event;

function toRunInput(assignment: Assignment, openSealed: (sealed: string) => string): RunInput {
  const { requestTimeoutMs, scriptTimeoutMs, runTimeoutMs, requestDelayMs, followRedirects, strictSsl } =
    assignment.options;
  const options = {
    ...defaultRunOptions,
    requestTimeoutMs,
    scriptTimeoutMs,
    runTimeoutMs,
    requestDelayMs,
    followRedirects,
    strictSsl,
  };
  const { collection, sealedEnvironment, sealedGlobals, sealedData } = assignment;
  return {
    collection,
    ...(sealedEnvironment !== undefined && { environment: toVariables(openSealed(sealedEnvironment)) }),
    ...(sealedGlobals !== undefined && { globals: toVariables(openSealed(sealedGlobals)) }),
    ...(sealedData !== undefined && { data: [dataRow.parse(JSON.parse(openSealed(sealedData)))] }),
    options,
  };
}

function toVariables(json: string): { id?: string; name?: string; values: Variable[] } {
  const { id, name, values } = variableDocument.parse(JSON.parse(json));
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    // The engine reads variables leniently; only `key` must be there, and it was checked.
    values: values as unknown as Variable[],
  };
}

/** What is reported when the engine itself fails, or is stopped without saying how the run ended. */
function brokenSummary(error: unknown, signal: AbortSignal): RunSummary {
  const end = signal.aborted
    ? ({ outcome: "aborted", reason: "cancelled", detail: "The run was cancelled." } as const)
    : ({ outcome: "errored", reason: "internal", detail: brokenDetail(error) } as const);
  return {
    ...end,
    iterations: 0,
    requestsTotal: 0,
    requestsFailed: 0,
    assertionsTotal: 0,
    assertionsFailed: 0,
    errorsTotal: 0,
    responseMsTotal: 0,
    responseBytesTotal: 0,
    durationMs: 0,
  };
}

const brokenDetail = (error: unknown): string =>
  `The runner could not execute this run because of an error of its own: ${toError(error).message}`;

/** The spool reads number and type of an event from the beginning of its line, so they are written first. */
function toLine(event: RunEvent): string {
  const { seq, type, ...rest } = assertFits(event);
  return JSON.stringify({ seq, type, ...rest });
}

/** A contract type without the index signatures that let unknown keys pass. */
type Known<T> = T extends readonly unknown[]
  ? { [Index in keyof T]: Known<T[Index]> }
  : T extends object
    ? { [Key in keyof T as string extends Key ? never : Key]: Known<T[Key]> }
    : T;

/** The compiler checks here that what the engine yields is what the wire carries. */
const assertFits = (event: RunEvent): Known<WireEvent> => event;
