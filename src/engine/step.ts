import type { AuthSession } from "./auth/auth.ts";
import type { PlannedItem, Script, ScriptEvent } from "./collection.ts";
import type { FileSource } from "./files.ts";
import type { HttpClient, HttpResult } from "./http/client.ts";
import type { RunCookies } from "./http/cookies.ts";
import { HttpError } from "./http/errors.ts";
import { createRunRequest, type FindItem } from "./nested-requests.ts";
import { isRequestError, readRequest } from "./request.ts";
import type {
  ScriptHttpRequest,
  ScriptHttpResponse,
  ScriptRequest,
  ScriptResult,
  ScriptSession,
} from "./sandbox/protocol.ts";
import { located, toAssertion } from "./script-location.ts";
import { createScriptReach } from "./script-reach.ts";
import { toScriptResponse } from "./script-response.ts";
import { toSendOptions } from "./send-options.ts";
import { sendRequest } from "./send.ts";
import {
  addDenial,
  authOf,
  markAborted,
  noteResult,
  takeOver,
  toSentRequest,
  toStepError,
  withUnchanged,
} from "./step-parts.ts";
import type { RunOptions, Step, StepError } from "./types.ts";
import { urlText } from "./url.ts";
import { createResolver, toScriptVariables, type ReadVault, type Scopes } from "./variables.ts";

/** What the steps of one run share. `scopes` changes as scripts set variables. */
export interface RunContext {
  collectionName: string;
  environmentName: string | undefined;
  options: RunOptions;
  iterationCount: number;
  scopes: Scopes;
  cookies: RunCookies;
  auth: AuthSession;
  http: HttpClient;
  files: FileSource;
  /** `performance.now()` of the start of the run. */
  startedAt: number;
  /** Ends the run. */
  signal: AbortSignal;
  openSession(): Promise<ScriptSession>;
  /** What `{{vault:name}}` and `pm.vault.get` give; absent = there is no vault. */
  readVault?: ReadVault;
  /** A request that scripts may run, by id or name; absent = none. */
  findItem?: FindItem;
  /** A session beside the one of the run, which waits for it. */
  openNestedSession?: () => NestedSession;
  /** How deep `runRequest` is in `runRequest`. */
  depth?: number;
}

export interface NestedSession {
  open(): Promise<ScriptSession>;
  close(): Promise<void>;
}

export interface StepPlace {
  item: PlannedItem;
  position: number;
  iteration: number;
}

export interface StepResult {
  step: Step;
  /** `setNextRequest`: absent = not called. */
  nextRequest?: string | null;
  /** As scripts see it. */
  response?: ScriptHttpResponse;
  /** `bail` says that the run ends here. */
  stopsRun: boolean;
}

/** Runs one request with its scripts, in the order of Postman's runtime. Rejects only for a bug of ours. */
export async function executeStep(run: RunContext, place: StepPlace): Promise<StepResult> {
  const state = new StepState(run, place);
  await state.execute();
  return state.finish();
}

class StepState {
  readonly #run: RunContext;
  readonly #place: StepPlace;
  readonly #startedAt = performance.now();
  readonly #step: Step;
  #request: ScriptHttpRequest;
  #response: ScriptHttpResponse | undefined;
  #nextRequest: string | null | undefined;
  #consoleBytesLeft: number;
  #isComplete = false;

  constructor(run: RunContext, place: StepPlace) {
    const { item, position, iteration } = place;
    this.#run = run;
    this.#place = place;
    this.#request = readRequest(item.request);
    this.#consoleBytesLeft = run.options.maxConsoleBytes;
    this.#step = {
      position,
      iteration,
      itemId: item.id,
      name: item.name,
      path: item.path,
      startedMs: this.#startedAt - run.startedAt,
      durationMs: 0,
      skipped: false,
      redirects: [],
      assertions: [],
      console: [],
      errors: [],
    };
  }

  async execute(): Promise<void> {
    const before = this.#request;
    await this.#runScripts("prerequest");
    if (this.#step.skipped) this.#isComplete = true;
    if (this.#step.skipped || this.#mustStop()) return;
    this.#request = withUnchanged(this.#request, before);
    await this.#send();
    if (this.#mustStop()) return;
    await this.#runScripts("test");
    this.#isComplete = !this.#run.signal.aborted;
  }

  finish(): StepResult {
    const step = this.#step;
    step.durationMs = performance.now() - this.#startedAt;
    const stopsRun = this.#bails();
    if (this.#run.signal.aborted && !this.#isComplete) markAborted(step);
    return {
      step,
      stopsRun,
      ...(this.#response ? { response: this.#response } : {}),
      ...(this.#nextRequest === undefined ? {} : { nextRequest: this.#nextRequest }),
    };
  }

  #hasFailed(): boolean {
    return this.#step.errors.length > 0 || this.#step.assertions.some(({ status }) => status === "failed");
  }

  #mustStop(): boolean {
    return this.#run.signal.aborted || this.#bails();
  }

  #bails(): boolean {
    const { bail } = this.#run.options;
    return (bail === "failure" && this.#hasFailed()) || (bail === "folder" && this.#step.errors.length > 0);
  }

  async #runScripts(event: ScriptEvent): Promise<void> {
    for (const script of this.#place.item.scripts[event]) {
      await this.#runScript(event, script);
      if (this.#step.skipped || this.#mustStop()) return;
    }
  }

  async #runScript(event: ScriptEvent, script: Script): Promise<void> {
    const { options, signal } = this.#run;
    const session = await this.#run.openSession();
    const offsetMs = performance.now() - this.#startedAt;
    const reach = createScriptReach({
      http: this.#run.http,
      files: this.#run.files,
      cookies: this.#run.cookies,
      runSignal: signal,
      sendOptions: (ended) => toSendOptions({}, options, { cookies: this.#run.cookies, signal: ended }),
      authSession: this.#run.auth,
      readVault: this.#run.readVault,
      tell: (level, message) => this.#tell(level, message),
      onDenied: (error) => this.#recordDenial(event, toStepError(error)),
    });
    const runRequest = createRunRequest({
      run: this.#run,
      place: this.#place,
      execute: executeStep,
      report: ({ step }) => takeOver(this.#step, step, event),
    });
    const callbacks = { ...reach.callbacks, runRequest };
    try {
      const result = await session.execute(this.#scriptRequest(event, script), callbacks, {
        timeoutMs: options.scriptTimeoutMs,
        maxConsoleBytes: this.#consoleBytesLeft,
        signal,
      });
      this.#apply(event, script, result, offsetMs);
    } finally {
      reach.end();
    }
  }

  #scriptRequest(event: ScriptEvent, { code, owner }: Script): ScriptRequest {
    const { item, iteration } = this.#place;
    const { scopes, environmentName, iterationCount, collectionName, cookies } = this.#run;
    const { data, local, environment, collection, globals } = scopes;
    return {
      event,
      code,
      scopes: { local, environment, collection, globals },
      data,
      ...(environmentName === undefined ? {} : { environmentName }),
      request: this.#request,
      ...(this.#response ? { response: this.#response } : {}),
      cookies: this.#step.request ? cookies.list(this.#step.request.url) : [],
      info: { requestName: item.name, requestId: item.id, iteration, iterationCount },
      location: { path: [collectionName, ...item.path, item.name], current: owner.name },
    };
  }

  #apply(event: ScriptEvent, script: Script, result: ScriptResult, offsetMs: number): void {
    const { scopes } = this.#run;
    for (const name of ["local", "environment", "collection", "globals"] as const) {
      const changed = result.scopes[name];
      if (changed) scopes[name] = toScriptVariables(changed);
    }
    if (event === "prerequest" && result.request) this.#request = readRequest(result.request);
    if (result.nextRequest !== undefined) this.#nextRequest = result.nextRequest;
    if (event === "prerequest" && result.skipRequest) this.#step.skipped = true;
    for (const assertion of result.assertions)
      this.#step.assertions.push(toAssertion(event, script, assertion));
    for (const entry of result.console) {
      this.#step.console.push({ ...entry, atMs: offsetMs + entry.atMs });
      this.#consoleBytesLeft -= entry.messages.reduce((bytes, message) => bytes + message.length, 0);
    }
    this.#consoleBytesLeft = Math.max(0, this.#consoleBytesLeft);
    // A script that the end of the run stopped did not run into its own limit.
    const wasStopped = this.#run.signal.aborted && result.error?.kind === "script_timeout";
    if (result.error && !wasStopped)
      this.#step.errors.push({ phase: event, ...located(result.error, script) });
  }

  async #send(): Promise<void> {
    const { item } = this.#place;
    const { http, scopes, readVault, auth: authSession, cookies, files, options, signal } = this.#run;
    const resolve = createResolver(scopes, readVault);
    const auth = authOf(this.#request, item);
    try {
      const { built, result } = await sendRequest(this.#request, {
        http,
        options: toSendOptions(item.behavior, options, { cookies, signal }),
        resolve,
        behavior: item.behavior,
        files,
        auth,
        authSession,
        authOwner: item.inheritedAuth,
        warn: (message) => this.#tell("warn", message),
      });
      this.#record(result);
      this.#request = toSentRequest(auth ?? this.#request.auth, built, result, resolve);
    } catch (error) {
      this.#recordUnsent(error);
    }
  }

  #recordUnsent(error: unknown): void {
    const step = this.#step;
    step.request = { method: this.#request.method, url: urlText(this.#request.url), headers: [] };
    if (error instanceof HttpError) return this.#recordError(error);
    if (!isRequestError(error)) throw error;
    step.errors.push({ kind: "request", phase: "request", name: error.name, message: error.message });
  }

  #recordError(error: HttpError): void {
    if (error.kind === "egress_denied") this.#recordDenial("request", toStepError(error));
    else this.#step.errors.push(toStepError(error));
  }

  #recordDenial(phase: StepError["phase"], error: StepError): void {
    addDenial(this.#step, { ...error, phase });
    this.#tell("error", error.message);
  }

  #record(result: HttpResult): void {
    noteResult(this.#step, result, this.#run.options.maxKeptBodyBytes);
    if ("error" in result) return this.#recordError(result.error);
    this.#response = toScriptResponse(result.response, result.timings.totalMs);
  }

  #tell(level: "warn" | "error", message: string): void {
    if (this.#consoleBytesLeft <= 0) return;
    this.#consoleBytesLeft -= message.length;
    const atMs = performance.now() - this.#startedAt;
    this.#step.console.push({ level, atMs, messages: [message] });
  }
}
