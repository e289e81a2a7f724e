import type { Deps } from "../access/context.ts";
import { toError } from "../lib/errors.ts";
import { dropOldCalls, insertCalls, type MockCall } from "./call-store.ts";

/** A call waits so long for others to be stored with it. */
const FLUSH_MS = 250;
/** Of all calls that wait; what comes beyond is answered and not logged. */
const MAX_WAITING_CHARS = 16 * 1024 * 1024;
/** Of a call without its bodies. */
const CALL_CHARS = 2_000;
/** Kept of a body, in characters; two of them a hundred times are Postman's 6.5 MB. */
const MAX_BODY_CHARS = 32 * 1024;
const MAX_PATH_CHARS = 2_048;
/** Old calls of a mock are removed after so many of its new ones. */
const CLEAN_EVERY = 500;

const secretHeaders = new Set(["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"]);

type Headers = Iterable<readonly [string, string]>;

export interface SeenCall {
  mockId: string;
  servedAt: Date;
  method: string;
  /** With its query. */
  path: string;
  requestHeaders: Headers;
  requestBody: string;
  responseName: string;
  responseType: "success" | "error";
  statusCode: number;
  responseHeaders: Headers;
  responseBody: string;
}

/** Collects calls and stores them together, so that no answer of a mock waits for it. */
export class CallLog {
  readonly #deps: Pick<Deps, "database" | "log" | "stopping">;
  #waiting: MockCall[] = [];
  #waitingChars = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dropped = 0;
  /** By mock, since its last clean-up. */
  readonly #stored = new Map<string, number>();

  constructor(deps: Pick<Deps, "database" | "log" | "stopping">) {
    this.#deps = deps;
    deps.stopping.addEventListener("abort", () => void this.flush(), { once: true });
  }

  record(call: SeenCall): void {
    if (this.#waitingChars >= MAX_WAITING_CHARS) {
      this.#dropped++;
      return;
    }
    const row = toRow(call);
    this.#waitingChars += CALL_CHARS + (row.requestBody?.length ?? 0) + (row.responseBody?.length ?? 0);
    this.#waiting.push(row);
    // A server that stops has nobody who would wait for a timer.
    if (this.#deps.stopping.aborted) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MS);
  }

  /** Stores what waits. What cannot be stored is lost, and the log says how much that was. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { database, log } = this.#deps;
    const calls = this.#waiting.splice(0);
    this.#waitingChars = 0;
    if (calls.length === 0) return;
    try {
      await insertCalls(database, calls);
      await this.#clean(calls);
      if (this.#dropped > 0) log.warn("calls of mocks were not logged", { calls: this.#dropped });
      this.#dropped = 0;
    } catch (error) {
      log.error("calls of mocks were lost", { calls: calls.length, error: toError(error).message });
    }
  }

  async #clean(calls: readonly MockCall[]): Promise<void> {
    for (const { mockId } of calls) this.#stored.set(mockId, (this.#stored.get(mockId) ?? CLEAN_EVERY) + 1);
    const due = [...this.#stored].filter(([, count]) => count >= CLEAN_EVERY).map(([mockId]) => mockId);
    if (due.length === 0) return;
    await dropOldCalls(this.#deps.database, due);
    for (const mockId of due) this.#stored.set(mockId, 0);
  }
}

function toRow({ requestHeaders, requestBody, responseHeaders, responseBody, ...call }: SeenCall): MockCall {
  return {
    ...call,
    // Grows with time, so that calls of the same millisecond keep their order.
    id: Bun.randomUUIDv7(),
    path: storable(call.path.slice(0, MAX_PATH_CHARS)),
    requestHeaders: maskedHeaders(requestHeaders),
    requestBody: storable(requestBody.slice(0, MAX_BODY_CHARS)),
    responseHeaders: maskedHeaders(responseHeaders),
    responseBody: storable(responseBody.slice(0, MAX_BODY_CHARS)),
  };
}

const maskedHeaders = (headers: Headers): { key: string; value: string }[] =>
  [...headers].map(([key, value]) => ({
    key,
    value: secretHeaders.has(key.toLowerCase()) ? "(masked)" : storable(value),
  }));

/** Postgres stores no NUL, and no half of a character that was cut. */
const storable = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();
