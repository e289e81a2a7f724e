import { unreachable } from "../../lib/errors.ts";
import type {
  ExecuteOptions,
  ScriptCallbacks,
  ScriptError,
  ScriptRequest,
  ScriptResult,
} from "./protocol.ts";
import { capConsole, parsePartial, parseResult } from "./result.ts";
import { parseCall, type ScriptCall } from "./script-call.ts";
import { usesPromises } from "./script-code.ts";
import type { EndReason, ScriptProcess } from "./script-process.ts";
import { decodedBytes, type FromChild } from "./wire.ts";

/** The process ends itself by its own limit first, which saves what the script did; then it is killed. */
const KILL_GRACE_MS = 250;
/** Longest script, in characters. */
const MAX_CODE_CHARS = 8 * 1024 * 1024;

/** Requests and cookie operations of one script. */
const MAX_CALLS = 10_000;

const tooManyCalls = { error: { name: "Error", message: `a script may ask ${MAX_CALLS} times` } };
const refusingCallbacks: ScriptCallbacks = {
  sendRequest: () => Promise.resolve(tooManyCalls),
  cookies: () => Promise.resolve(tooManyCalls),
};

let lastId = 0;

/** Runs one script in a process. Afterwards the process may be dead: look at `isAlive`. */
export function executeScript(
  child: ScriptProcess,
  request: ScriptRequest,
  callbacks: ScriptCallbacks,
  options: ExecuteOptions,
): Promise<ScriptResult> {
  if (request.code.length > MAX_CODE_CHARS) {
    return Promise.resolve(
      stopped({ kind: "script", name: "RangeError", message: "the script is too long" }),
    );
  }
  const { promise, resolve } = Promise.withResolvers<ScriptResult>();
  const id = ++lastId;
  const soFar: Pick<ScriptResult, "assertions" | "console"> = { assertions: [], console: [] };
  const stopWatching = child.watchMemory();
  let isOver = false;
  let calls = 0;

  const end = (result: ScriptResult) => {
    if (isOver) return;
    isOver = true;
    stopWatching();
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", abort);
    // Whatever comes now is late.
    child.listen(
      () => {},
      () => {},
    );
    resolve({ ...result, console: capConsole(result.console, options.maxConsoleBytes) });
  };
  const stop = (error: ScriptError) => {
    child.kill("closed");
    end({ ...stopped(error), ...soFar });
  };
  const abort = () => stop(timeoutError("the run was stopped while a script was running"));
  const timeout = () => stop(timeoutError(`script did not end within ${options.timeoutMs} ms`));
  const timer = options.timeoutMs > 0 ? setTimeout(timeout, options.timeoutMs + KILL_GRACE_MS) : undefined;

  const onMessage = (message: FromChild) => {
    // Messages of earlier scripts, and from a process that lies about ids, are nobody's.
    if (message.type === "ready" || message.id !== id) return;
    if (message.type === "finished") return end(parseResult(message.result));
    if (message.type === "timed_out") return timeout();
    if (message.type === "partial") return append(soFar, parsePartial(message.result), options);
    const isTooMany = ++calls > MAX_CALLS;
    void answer(child, isTooMany ? refusingCallbacks : callbacks, message, id);
  };
  child.listen(
    guarded(onMessage, () => stop(brokenError)),
    (reason) => end({ ...stopped(endError(reason)), ...soFar }),
  );
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  if (!isOver) sendScript(child, id, request, options);
  return promise;
}

function sendScript(child: ScriptProcess, id: number, request: ScriptRequest, options: ExecuteOptions): void {
  const { code, response, ...rest } = request;
  const { bodyBase64, ...head } = response ?? { bodyBase64: undefined };
  const context = JSON.stringify({
    ...rest,
    ...(response ? { response: { ...head, decodedBytes: decodedBytes(response.bodyBase64) } } : {}),
    maxConsoleBytes: options.maxConsoleBytes,
    usesPromises: usesPromises(code),
  });
  const { timeoutMs } = options;
  child.send({ type: "execute", id, code, timeoutMs, ...(bodyBase64 ? { bodyBase64 } : {}) }, context);
}

async function answer(
  child: ScriptProcess,
  callbacks: ScriptCallbacks,
  message: Extract<FromChild, { type: "call" }>,
  id: number,
): Promise<void> {
  let result: unknown;
  try {
    result = await ask(callbacks, parseCall(message.request));
  } catch {
    // Callbacks never reject: it is the request that was malformed.
    result = { error: { name: "Error", message: "the request is malformed" } };
  }
  child.send({ type: "reply", id, call: message.call, answer: JSON.stringify(result) });
}

function ask(callbacks: ScriptCallbacks, call: ScriptCall): Promise<unknown> {
  switch (call.kind) {
    case "sendRequest":
      return callbacks.sendRequest(call.payload);
    case "cookies":
      return callbacks.cookies(call.payload);
    case "vault":
      return callbacks.vault?.(call.payload.name) ?? refused("Vault access denied");
    case "runRequest":
      return callbacks.runRequest?.(call.payload) ?? refused("pm.execution.runRequest is not a function");
    default:
      return unreachable(call);
  }
}

const refused = (message: string) => Promise.resolve({ error: { name: "Error", message } });

/** Output of a script that is still running, within the same limit as all of it. */
function append(
  soFar: Pick<ScriptResult, "assertions" | "console">,
  partial: ReturnType<typeof parsePartial>,
  { maxConsoleBytes }: ExecuteOptions,
): void {
  const maxEntries = maxConsoleBytes / 8 + 1;
  for (const entry of partial.console ?? []) {
    if (soFar.console.length < maxEntries) soFar.console.push(entry);
  }
  for (const assertion of partial.assertions ?? []) {
    if (soFar.assertions.length < MAX_ASSERTIONS) soFar.assertions.push(assertion);
  }
}

const MAX_ASSERTIONS = 100_000;

const guarded =
  <T>(act: (value: T) => void, onError: () => void) =>
  (value: T): void => {
    try {
      act(value);
    } catch {
      onError();
    }
  };

const stopped = (error: ScriptError): ScriptResult => ({ scopes: {}, assertions: [], console: [], error });

const timeoutError = (message: string): ScriptError => ({ kind: "script_timeout", name: "Error", message });

const brokenError: ScriptError = {
  kind: "script",
  name: "Error",
  message: "the script process gave an answer that cannot be understood",
};

function endError(reason: EndReason | undefined): ScriptError {
  if (reason === "memory") {
    return { kind: "script_memory", name: "RangeError", message: "the script used more memory than it may" };
  }
  if (reason === "protocol") return brokenError;
  return {
    kind: "script_memory",
    name: "Error",
    message: "the script process ended, most likely out of memory",
  };
}
