import type { Log } from "../../lib/log.ts";
import type { Assertion, ConsoleEntry, HeaderList } from "../types.ts";

/**
 * What the engine and the script process say to each other. The engine side (`host.ts`) keeps warm child
 * processes; a run that has scripts opens one session = one child, and every script of it finds its realm as new.
 * Everything here is plain data that survives `JSON.stringify`; only JSON strings cross the wall, and what
 * comes back is checked before it is believed: the child runs code that nobody vouches for.
 */

/** One variable of a scope as scripts see it. A disabled one is carried along but never read. */
export interface ScriptVariable {
  key: string;
  value: unknown;
  type?: string;
  enabled: boolean;
}

export interface ScriptScopes {
  /** `pm.variables.set` writes here: lives until the end of the run. */
  local: ScriptVariable[];
  environment: ScriptVariable[];
  collection: ScriptVariable[];
  globals: ScriptVariable[];
}

/** A request in the v2.1 form. For tests it is what was sent (variables resolved), before that as it is stored. */
export interface ScriptHttpRequest {
  method: string;
  url: string | Record<string, unknown>;
  /** `system`: put in on the way, not by the user. */
  header: { key: string; value: string; disabled?: boolean; system?: true }[];
  body?: Record<string, unknown>;
  auth?: Record<string, unknown>;
}

export interface ScriptHttpResponse {
  code: number;
  status: string;
  header: HeaderList;
  bodyBase64: string;
  responseTimeMs: number;
  /** Sizes on the wire, in bytes. */
  bodyBytes: number;
  headerBytes: number;
}

export interface ScriptCookie {
  name: string;
  value: string;
  domain?: string;
  path?: string;
  /** ISO 8601; absent = session cookie. */
  expires?: string;
  secure?: boolean;
  httpOnly?: boolean;
  hostOnly?: boolean;
  sameSite?: string;
}

export interface ScriptRequest {
  event: "prerequest" | "test";
  code: string;
  scopes: ScriptScopes;
  /** The data row of this iteration. */
  data: Record<string, unknown>;
  /** `pm.environment.name` and `pm.globals.name`. */
  environmentName?: string;
  request: ScriptHttpRequest;
  response?: ScriptHttpResponse;
  /** Cookies that the jar holds for the URL of the request: `pm.cookies`. */
  cookies: ScriptCookie[];
  info: {
    requestName: string;
    requestId: string;
    /** 0-based. */
    iteration: number;
    iterationCount: number;
  };
  /** `pm.execution.location`: collection, folders, request; `current` is the item that owns this script. */
  location: { path: string[]; current: string };
}

export type CookieOperation =
  | { op: "getAll"; url: string }
  | { op: "set"; url: string; cookie: ScriptCookie }
  | { op: "unset"; url: string; name: string }
  | { op: "clear"; url: string };

export type SendRequestResult =
  | { response: ScriptHttpResponse; cookies: ScriptCookie[] }
  | { error: { name: string; message: string; code?: string } };

export type VaultResult = { value?: string } | { error: { message: string } };

/** A request of the collection that a script runs: `id` is its id or name. */
export interface RunRequest {
  id: string;
  /** Only for this request, over all scopes. */
  variables: Record<string, unknown>;
  /** As they are in the script right now. */
  scopes: ScriptScopes;
}

export type RunRequestResult =
  /** null: a script of the request skipped it. `scopes` has those that changed. */
  | { response: ScriptHttpResponse | null; scopes: Partial<ScriptScopes> }
  | { error: { name: string; message: string } };

/**
 * What a script may ask of the engine while it runs. Never rejects; after the end of a script nobody listens.
 * `request` goes out as it is: neither side replaces variables in it, as in Postman.
 */
export interface ScriptCallbacks {
  sendRequest(request: ScriptHttpRequest): Promise<SendRequestResult>;
  /** The cookies that the jar holds for `url` after the operation. */
  cookies(operation: CookieOperation): Promise<{ cookies: ScriptCookie[] } | { error: { message: string } }>;
  /** Secrets that the runner gives to scripts; absent = it gives none. */
  vault?(name: string): Promise<VaultResult>;
  /** Absent = the run has no other requests. */
  runRequest?(request: RunRequest): Promise<RunRequestResult>;
}

/** What a script or a test threw. */
export interface ScriptFault {
  name: string;
  message: string;
  /** From 1, in the code as it was given; absent when nothing of this script was on the stack. */
  line?: number;
}

export interface ScriptError extends ScriptFault {
  kind: "script" | "script_timeout" | "script_memory";
}

export type ScriptAssertion = Pick<Assertion, "name" | "status"> & { error?: ScriptFault };

export interface ScriptResult {
  /** Complete new lists of those scopes that the script changed. */
  scopes: Partial<ScriptScopes>;
  /** The whole request, when a pre-request script changed it. */
  request?: ScriptHttpRequest;
  assertions: ScriptAssertion[];
  /** `atMs` counts from the start of the script. Already cut to `maxConsoleBytes`. */
  console: ConsoleEntry[];
  /** `setNextRequest`: a name or id; null = stop after this request; absent = not called. */
  nextRequest?: string | null;
  skipRequest?: boolean;
  /** Set when the script threw or was stopped; what it did before that is still in the other fields. */
  error?: ScriptError;
}

export interface ExecuteOptions {
  /** Timers and promises included; 0 = no limit. */
  timeoutMs: number;
  /** Console bytes that are kept of this script; one last entry says how much was dropped. */
  maxConsoleBytes: number;
  /** Stops the script at once: the session is spent and `execute` resolves with `script_timeout`. */
  signal?: AbortSignal;
}

export interface ScriptSession {
  /**
   * Runs one script at a time. Never rejects because of what a script does: the child that died is replaced on
   * the next call. Rejects only when no child can be started at all.
   */
  execute(request: ScriptRequest, callbacks: ScriptCallbacks, options: ExecuteOptions): Promise<ScriptResult>;
  /** Hands the child back (it is reused only if nothing of this run can be left in it). */
  close(): Promise<void>;
}

export interface ScriptHost {
  /** `codes`: the scripts that will run, as far as they are known; how they get their realms depends on all of them. */
  open(codes?: Iterable<string>): Promise<ScriptSession>;
  processes(): ScriptProcesses;
  /** Ends every child. */
  close(): Promise<void>;
}

/** The children of a host, for those who watch over it. */
export interface ScriptProcesses {
  live: number;
  /** Since the start: those that died or had to be stopped, so that another took their place. */
  restarts: number;
  /** Memory of the live ones, in bytes, as far as it can be read. */
  residentBytes: number;
  /** Processor time since the start, of all there were; that of live ones as far as it can be read. */
  cpuSeconds: number;
}

export interface ScriptHostOptions {
  /** Program and arguments that start one script process, e.g. `[process.execPath, "script-process"]`. */
  command: string[];
  /** Warm children kept between runs. */
  maxIdle: number;
  /** A child above this is ended, in MB of resident memory. */
  memoryLimitMb: number;
  /** Run scripts on Linux even where the kernel refuses the filter. Off by default: scripts then fail to start. */
  allowWithoutSeccomp?: boolean;
  log?: Log;
}
