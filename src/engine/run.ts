import { systemClock } from "../lib/clock.ts";
import { toError } from "../lib/errors.ts";
import type { Secrets } from "../lib/secrets.ts";
import { createAuthSession } from "./auth/auth.ts";
import { CollectionError, planCollection, type Plan, type PlannedItem } from "./collection.ts";
import type { FileSource } from "./files.ts";
import type { HttpClient } from "./http/client.ts";
import { createCookies } from "./http/cookies.ts";
import { HttpError } from "./http/errors.ts";
import { isObject } from "./json.ts";
import { Tally, type Stop } from "./outcome.ts";
import type { Secret } from "./redact.ts";
import type { ScriptHost, ScriptSession } from "./sandbox/protocol.ts";
import { executeStep, type NestedSession, type RunContext, type StepResult } from "./step.ts";
import { safeData } from "./text.ts";
import type { CookieJarDocument, FinalVariables, RunEvent, RunInput } from "./types.ts";
import { toFinalVariables, toScriptVariables, type ReadVault } from "./variables.ts";

export interface RunDeps {
  http: HttpClient;
  files: FileSource;
  scripts: ScriptHost;
}

export interface RunHooks {
  /** Cancels the run. */
  signal: AbortSignal;
  /** Told once, before `run_finished`, what the variables are worth at the end. */
  onFinished?: (variables: FinalVariables) => void;
  /** Told once, before `run_finished`, what the cookie jar holds at the end: `--export-cookie-jar`. */
  onCookies?: (jar: CookieJarDocument) => void;
  /** Secrets for `{{vault:name}}` and `pm.vault.get`; absent = none, and scripts are denied. */
  vault?: Secrets;
  /** Told each credential that the run fetches, before an event can hold it: results must not show it. */
  onSecret?: (secret: Secret) => void;
}

/** An event before it has its number. */
type Unnumbered = RunEvent extends infer Event
  ? Event extends { seq: number }
    ? Omit<Event, "seq">
    : never
  : never;

/** Executes a collection. The last event is always `run_finished`; never throws for what a document or a server does. */
export async function* executeRun(
  input: RunInput,
  deps: RunDeps,
  hooks: RunHooks,
): AsyncGenerator<RunEvent, void, undefined> {
  let seq = 0;
  const number = (event: Unnumbered): RunEvent => ({ seq: ++seq, ...safeData(event) });
  const run = new Run(input, deps, hooks);
  try {
    for await (const event of run.events()) yield number(event);
  } finally {
    await run.end();
  }
}

class Run {
  readonly #input: RunInput;
  readonly #deps: RunDeps;
  readonly #hooks: RunHooks;
  readonly #tally = new Tally();
  readonly #startedAt = performance.now();
  readonly #abort = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #readVault: ReadVault | undefined;
  readonly #cancel = () => this.#stopFor({ reason: "cancelled" });
  #session: Promise<ScriptSession> | undefined;
  #stop: Stop | undefined;
  #context: RunContext | undefined;

  constructor(input: RunInput, deps: RunDeps, hooks: RunHooks) {
    this.#input = input;
    this.#deps = deps;
    this.#hooks = hooks;
    this.#readVault = createVaultReader(hooks);
    const limitMs = input.options.runTimeoutMs;
    if (limitMs > 0)
      this.#timer = setTimeout(() => this.#stopFor({ reason: "run_timeout", limitMs }), limitMs);
    if (hooks.signal.aborted) this.#cancel();
    else hooks.signal.addEventListener("abort", this.#cancel, { once: true });
  }

  async *events(): AsyncGenerator<Unnumbered, void, undefined> {
    try {
      const plan = planCollection(this.#input.collection, this.#input.options.select);
      yield* this.#runPlan(plan);
    } catch (error) {
      this.#stop ??=
        error instanceof CollectionError
          ? { reason: "collection_invalid", detail: error.message }
          : { reason: "internal", detail: `The runner met an error of its own: ${toError(error).message}` };
    }
    if (this.#context) {
      this.#hooks.onFinished?.(finalVariables(this.#context));
      this.#hooks.onCookies?.(this.#context.cookies.toDocument());
    }
    const summary = this.#tally.summary(performance.now() - this.#startedAt, this.#stop);
    yield { type: "run_finished", summary };
  }

  /** Gives back what the run holds, also when nobody reads the events to their end. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#hooks.signal.removeEventListener("abort", this.#cancel);
    this.#abort.abort(abortReason());
    const session = await this.#session?.catch(() => undefined);
    await session?.close();
  }

  #stopFor(stop: Stop): void {
    this.#stop ??= stop;
    this.#abort.abort(abortReason());
  }

  async *#runPlan(plan: Plan): AsyncGenerator<Unnumbered, void, undefined> {
    const { options, data = [] } = this.#input;
    const iterationCount = Math.max(1, options.iterationCount ?? data.length);
    const stepsPlanned = plan.items.length * iterationCount;
    yield { type: "run_started", collectionName: plan.name, stepsPlanned };
    const context = this.#createContext(plan, iterationCount);
    const cursor = new Cursor(plan.items, iterationCount);
    for (let position = 1; cursor.item && !this.#stop; position++) {
      const { item, iteration } = cursor;
      if (position > 1 && options.requestDelayMs > 0)
        await systemClock.sleep(options.requestDelayMs, this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      context.scopes.data = rowOf(data, iteration);
      const { id, name, path } = item;
      yield { type: "step_started", position, iteration, itemId: id, name, path };
      const result = await executeStep(context, { item, position, iteration });
      this.#tally.add(result.step);
      yield { type: "step_finished", step: result.step };
      if (result.stopsRun) return;
      cursor.advance(result);
    }
  }

  #createContext(plan: Plan, iterationCount: number): RunContext {
    const { environment, globals, options } = this.#input;
    this.#context = {
      collectionName: plan.name,
      environmentName: environment?.name,
      options,
      iterationCount,
      scopes: {
        local: [],
        data: {},
        environment: toScriptVariables(environment?.values),
        collection: plan.variables,
        globals: toScriptVariables(globals?.values),
      },
      cookies: createCookies(this.#input.cookieJar),
      auth: createAuthSession({ onSecret: this.#hooks.onSecret }),
      http: this.#deps.http,
      files: this.#deps.files,
      startedAt: this.#startedAt,
      signal: this.#abort.signal,
      // Opened by the first script: a run without scripts costs no process.
      openSession: () => (this.#session ??= this.#deps.scripts.open(codesOf(plan))),
      ...(this.#readVault ? { readVault: this.#readVault } : {}),
      findItem: (idOrName) =>
        plan.items.find(({ id }) => id === idOrName) ?? plan.items.find(({ name }) => name === idOrName),
      openNestedSession: () => createNestedSession(this.#deps.scripts),
    };
    return this.#context;
  }
}

function* codesOf({ items }: Plan): Generator<string, void, undefined> {
  for (const { scripts } of items) {
    for (const { code } of scripts.prerequest) yield code;
    for (const { code } of scripts.test) yield code;
  }
}

/** Opened by the first script of a request that a script runs. */
function createNestedSession(scripts: ScriptHost): NestedSession {
  let session: Promise<ScriptSession> | undefined;
  return {
    open: () => (session ??= scripts.open()),
    close: async () => (await session?.catch(() => undefined))?.close(),
  };
}

/** What is read from the vault must not show in results; that is said once for each secret. */
function createVaultReader({ vault, onSecret }: RunHooks): ReadVault | undefined {
  if (!vault) return undefined;
  const told = new Set<string>();
  return (name) => {
    const value = vault.get(name);
    if (value !== undefined && !told.has(name)) onSecret?.({ name, value });
    told.add(name);
    return value;
  };
}

/** What a request in the air reports; the step that it belongs to says in its own words that it was stopped. */
const abortReason = (): HttpError => new HttpError("request", "the run was stopped", "ECONNABORTED");

/** Past the last row the last one repeats, as in Postman. */
function rowOf(data: Record<string, unknown>[], iteration: number): Record<string, unknown> {
  const row = data[iteration] ?? data.at(-1);
  return isObject(row) ? row : {};
}

/** Where a run stands: which item of which iteration comes next. */
class Cursor {
  readonly #items: PlannedItem[];
  readonly #iterationCount: number;
  #index = 0;
  #byName: Map<string, number> | undefined;
  iteration = 0;

  constructor(items: PlannedItem[], iterationCount: number) {
    this.#items = items;
    this.#iterationCount = iterationCount;
  }

  get item(): PlannedItem | undefined {
    return this.iteration < this.#iterationCount ? this.#items[this.#index] : undefined;
  }

  /** `setNextRequest` with null or an unknown name ends the iteration, not the run. */
  advance({ nextRequest }: StepResult): void {
    const next = nextRequest === undefined ? this.#index + 1 : this.#find(nextRequest);
    this.#index = next ?? this.#items.length;
    if (this.#index < this.#items.length) return;
    this.#index = 0;
    this.iteration++;
  }

  /** By id first, then by name; the last of several wins, as in Postman. */
  #find(nextRequest: string | null): number | undefined {
    if (nextRequest === null) return undefined;
    if (!this.#byName) {
      this.#byName = new Map();
      for (const [index, { name }] of this.#items.entries()) this.#byName.set(name, index);
      for (const [index, { id }] of this.#items.entries()) this.#byName.set(id, index);
    }
    return this.#byName.get(nextRequest);
  }
}

const finalVariables = ({ scopes }: RunContext): FinalVariables => ({
  environment: toFinalVariables(scopes.environment),
  globals: toFinalVariables(scopes.globals),
  collection: toFinalVariables(scopes.collection),
});
