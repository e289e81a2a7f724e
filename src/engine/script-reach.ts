import type { AuthSession } from "./auth/auth.ts";
import type { FileSource } from "./files.ts";
import type { HttpClient, HttpResult, SendOptions } from "./http/client.ts";
import type { RunCookies } from "./http/cookies.ts";
import { HttpError } from "./http/errors.ts";
import { isRequestError, readRequest } from "./request.ts";
import type {
  ScriptCallbacks,
  ScriptHttpRequest,
  SendRequestResult,
  VaultResult,
} from "./sandbox/protocol.ts";
import { toScriptResponse } from "./script-response.ts";
import { sendRequest } from "./send.ts";
import type { ReadVault } from "./variables.ts";

interface ReachContext {
  http: HttpClient;
  cookies: RunCookies;
  runSignal: AbortSignal;
  sendOptions: (signal: AbortSignal) => SendOptions;
  authSession: AuthSession;
  files: FileSource;
  readVault: ReadVault | undefined;
  tell: (level: "warn" | "error", message: string) => void;
  /** Told that the egress gate said no, which counts whatever the script does with the error. */
  onDenied: (error: HttpError) => void;
}

/** What one running script can reach: the same network layer, gate, limits and cookies as its request. */
export interface ScriptReach {
  callbacks: ScriptCallbacks;
  /** Stops what the script left under way: it has nobody to answer to. */
  end(): void;
}

/** Requests of one script that are under way at once; a loop may ask for thousands, the others wait. */
const MAX_SENDING = 10;

export function createScriptReach(context: ReachContext): ScriptReach {
  let ended: AbortController | undefined;
  const { readVault } = context;
  const inTurn = createTurns(MAX_SENDING);
  return {
    callbacks: {
      sendRequest: (request) => {
        // Most scripts send nothing, and a combined signal is not free.
        ended ??= new AbortController();
        const signal = AbortSignal.any([context.runSignal, ended.signal]);
        return inTurn(() => send(request, context, signal));
      },
      cookies: (operation) => Promise.resolve(context.cookies.apply(operation)),
      ...(readVault && { vault: (name) => Promise.resolve(toVaultResult(readVault(name))) }),
    },
    end: () => ended?.abort(new HttpError("request", "the script has ended", "ECONNABORTED")),
  };
}

const toVaultResult = (value: string | undefined): VaultResult => (value === undefined ? {} : { value });

function createTurns(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

async function send(
  request: ScriptHttpRequest,
  context: ReachContext,
  signal: AbortSignal,
): Promise<SendRequestResult> {
  try {
    const own = readRequest(request);
    const { result } = await sendRequest(own, {
      http: context.http,
      options: context.sendOptions(signal),
      resolve: (text) => text,
      auth: own.auth,
      authSession: context.authSession,
      behavior: { disableBodyPruning: true },
      files: context.files,
      warn: (message) => context.tell("warn", message),
    });
    return toResult(result, context);
  } catch (error) {
    if (error instanceof HttpError) return failed(error, context);
    if (isRequestError(error)) return { error: { name: error.name, message: error.message } };
    throw error;
  }
}

function toResult(result: HttpResult, context: ReachContext): SendRequestResult {
  if ("error" in result) return failed(result.error, context);
  return {
    response: toScriptResponse(result.response, result.timings.totalMs),
    cookies: context.cookies.list(result.sent.url.href),
  };
}

function failed(error: HttpError, { onDenied }: ReachContext): SendRequestResult {
  const { kind, name, message, code } = error;
  if (kind === "egress_denied") onDenied(error);
  return { error: { name, message, ...(code === undefined ? {} : { code }) } };
}
