import { type Command, Option } from "commander";
import { z } from "zod";

import { runEvent, type Outcome } from "../../contract/events.ts";
import type { Step } from "../../engine/types.ts";
import type { ApiClient } from "../../lib/api-client.ts";
import { systemClock } from "../../lib/clock.ts";
import { parseWholeNumber } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { openApi, withClientOptions, type ClientOptions } from "../client/api.ts";
import { formatMs, forTerminal } from "../collection/reporters/format.ts";
import type { CommandContext } from "../context.ts";
import { resolveMonitor } from "./find.ts";
import { outcomeOf, worstOutcome } from "./outcome.ts";
import { describeStep } from "./step-lines.ts";

interface RunOptions extends ClientOptions {
  timeout: string;
  suppressExitCode?: true;
  async?: true;
}

const started = z.looseObject({
  run: z.looseObject({ info: z.looseObject({ jobId: z.string(), name: z.string() }) }),
});
const runHead = z.looseObject({
  id: z.string(),
  region: z.string().nullable(),
  state: z.string(),
  detail: z.string().nullable(),
  durationMs: z.number().nullable(),
});
type RunHead = z.infer<typeof runHead>;
const runHeads = z.looseObject({ runs: z.array(runHead) });
const eventPage = z.looseObject({ events: z.array(runEvent), meta: z.looseObject({ state: z.string() }) });

/** `monitor run`: fires a monitor, shows its steps as they come, and exits by the outcome. */
export function defineRun(parent: Command, context: CommandContext): void {
  withClientOptions(parent.command("run <monitor>").description("run a monitor now and exit by its result"))
    .addOption(new Option("-t, --timeout <ms>", "how long to wait for the result").default("900000"))
    .option("-x, --suppress-exit-code", "exit 0 whatever the result")
    .option("--async", "do not wait for the result")
    .action(async (idOrName: string, options: RunOptions) => {
      const timeoutMs = parseWholeNumber(options.timeout, "--timeout", { min: 1, max: 86_400_000 });
      const outcome = await run(await openApi(options), idOrName, { ...options, timeoutMs }, context);
      if (outcome !== undefined && outcome !== "passed" && !options.suppressExitCode) process.exitCode = 1;
    });
}

async function run(
  api: ApiClient,
  idOrName: string,
  options: RunOptions & { timeoutMs: number },
  { print, note }: CommandContext,
): Promise<Outcome | undefined> {
  const monitorId = await resolveMonitor(api, idOrName);
  const path = `/monitors/${monitorId}/run?async=true&trigger=cli`;
  const { info } = (await api.post(path, undefined, started)).run;
  const executionId = info.jobId;
  if (options.async) {
    print(
      options.json
        ? JSON.stringify({ monitorId, executionId })
        : `Execution ${executionId} of "${info.name}" is started.`,
    );
    return undefined;
  }
  const show = options.json ? () => {} : print;
  show(`${info.name}: execution ${executionId}`);
  const heads = () => readHeads(api, monitorId, executionId);
  const followed = (await heads()).map((head) => new FollowedRun(api, head, show));
  await follow(followed, { timeoutMs: options.timeoutMs, executionId, note });

  const runs = await heads();
  const outcome = worstOutcome(runs.map(({ state }) => outcomeOf(state) ?? "errored"));
  if (options.json) print(JSON.stringify({ monitorId, executionId, outcome, runs }));
  else for (const line of runs.map(verdictLine)) show(line);
  return outcome;
}

const readHeads = async (api: ApiClient, monitorId: string, executionId: string): Promise<RunHead[]> =>
  (await api.get(`/monitors/${monitorId}/executions/${executionId}/runs`, runHeads)).runs;

/** One run of the execution, of which the steps are shown as they arrive. */
class FollowedRun {
  readonly #api: ApiClient;
  readonly #id: string;
  readonly #show: (line: string) => void;
  #lastSeq = 0;
  state: string;

  constructor(api: ApiClient, { id, state }: RunHead, show: (line: string) => void) {
    this.#api = api;
    this.#id = id;
    this.#show = show;
    this.state = state;
  }

  /** Shows what is new; true when the run has ended and nothing more can come. */
  async advance(): Promise<boolean> {
    const path = `/runs/${this.#id}/events?after=${this.#lastSeq}`;
    const { events, meta } = await this.#api.get(path, eventPage);
    for (const event of events) {
      this.#lastSeq = event.seq;
      // The engine made it of this type, and the schema of the contract has just checked it.
      if (event.type === "step_finished") this.#showStep(event.step as Step);
    }
    this.state = meta.state;
    return outcomeOf(meta.state) !== undefined && events.length === 0;
  }

  #showStep(step: Step): void {
    this.#show("");
    for (const line of describeStep(step)) this.#show(line);
  }
}

async function follow(
  runs: FollowedRun[],
  { timeoutMs, executionId, note }: { timeoutMs: number; executionId: string; note: (line: string) => void },
): Promise<void> {
  const startedMs = performance.now();
  let open = runs;
  let isToldToWait = false;
  while (open.length > 0) {
    const states = await Promise.all(open.map(async (run) => ({ run, ended: await advance(run) })));
    open = states.filter(({ ended }) => !ended).map(({ run }) => run);
    const elapsedMs = performance.now() - startedMs;
    if (open.length === 0) return;
    if (elapsedMs >= timeoutMs)
      throw new AppError(
        "unavailable",
        `Gave up waiting after ${timeoutMs} ms; the run goes on as execution ${executionId}.`,
      );
    if (!isToldToWait && elapsedMs > WAITING_MS && open.some(({ state }) => state === "queued")) {
      isToldToWait = true;
      note("Waiting for a runner to take the run.");
    }
    await systemClock.sleep(Math.min(pauseMs(elapsedMs), timeoutMs - elapsedMs));
  }
}

/** A short outage of the control plane is no reason to lose sight of the run. */
async function advance(run: FollowedRun): Promise<boolean> {
  try {
    return await run.advance();
  } catch (error) {
    if (error instanceof AppError && (error.code === "unavailable" || error.code === "rate_limited"))
      return false;
    throw error;
  }
}

const WAITING_MS = 3_000;

/** Often at first, because most runs are short; seldom later, because of the limit of calls per minute. */
function pauseMs(elapsedMs: number): number {
  if (elapsedMs < 5_000) return 150;
  return elapsedMs < 60_000 ? 1_000 : 3_000;
}

function verdictLine({ region, state, detail, durationMs }: RunHead): string {
  const where = region ? ` on ${region}` : "";
  const time = durationMs === null ? "" : ` in ${formatMs(durationMs)}`;
  return forTerminal(`\n${outcomeOf(state) ?? state}${where}${time}${detail ? `: ${detail}` : ""}`);
}
