import type { ConsoleEntry } from "../../types.ts";
import type { ScriptAssertion, ScriptError, ScriptFault, ScriptRequest, ScriptResult } from "../protocol.ts";
import type { Bridge } from "./bridge.ts";
import { ConsoleCounts, createConsoleRecorder } from "./console.ts";
import { rewordedMessage } from "./errors.ts";
import { stringify } from "./json-text.ts";
import { lineOf } from "./line.ts";
import type { ResponseHead } from "./response.ts";
import { toString } from "./text.ts";

/** A script and its surroundings, as the realm gets them. */
export type ScriptInput = Omit<ScriptRequest, "code" | "response"> & {
  response?: ResponseHead;
  maxConsoleBytes: number;
  /** The code can leave work in promises, so that its end shows only once those have run. */
  usesPromises: boolean;
};

/** What is written out while a script still runs, so that it outlives a killed process. */
export interface PartialResult {
  console?: ConsoleEntry[];
  assertions?: ScriptAssertion[];
}

/** Longest result in characters: more is an error of the script, not a reason to end the process. */
const MAX_RESULT_CHARS = 32 * 1024 * 1024;
/** Tests that one script may have: each is kept, sent and stored. */
const MAX_ASSERTIONS = 100_000;

/** Written as text: nothing that a script can patch takes part in it. */
const UNREADABLE_RESULT =
  '{"scopes":{},"assertions":[],"console":[],"error":{"kind":"script","name":"Error","message":"the script has changed built-in functions so that its result cannot be read"}}';

type Slot = { assertion: ScriptAssertion | undefined };

/** Life of one script: what it waits for, what it has produced, when it has ended. */
export class Script {
  ended = false;
  /** The `pm` of this script, which `pm.test` gives back. */
  pm: unknown;
  nextRequest: string | null | undefined;
  skipsRequest = false;
  error: ScriptError | undefined;
  /** By which its code is called in stacks; empty before the code runs. */
  fileName = "";
  /** Gives the scopes and the request at the end. */
  collect: () => Pick<ScriptResult, "scopes" | "request"> = () => ({ scopes: {} });
  /** Runs once when everything has ended, before the result is written. */
  beforeFinish: () => void = () => {};
  readonly input: ScriptInput;
  readonly bridge: Bridge;
  readonly #recorder: ReturnType<typeof createConsoleRecorder>;
  readonly #startedMs: number;
  readonly #console: ConsoleEntry[] = [];
  readonly #slots: Slot[] = [];
  #testCount = 0;
  #counts: ConsoleCounts | undefined;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #pending = 0;
  #calls = 0;
  #streams = false;
  #usesPromises: boolean;

  constructor(input: ScriptInput, bridge: Bridge) {
    this.input = input;
    this.bridge = bridge;
    this.#usesPromises = input.usesPromises;
    this.#startedMs = Number(bridge.call("now"));
    this.#recorder = createConsoleRecorder({
      maxBytes: input.maxConsoleBytes,
      elapsedMs: () => Math.round(Number(bridge.call("now")) - this.#startedMs),
      add: (entry) => {
        this.#console.push(entry);
        if (this.#streams) this.#write({ console: [entry] });
      },
    });
  }

  print(level: ConsoleEntry["level"], values: unknown[]): void {
    if (!this.ended) this.#recorder.write(level, values);
  }

  /** Something that the script must wait for. Every `hold` is followed by one `release`. */
  hold(): void {
    this.#pending++;
  }

  release(): void {
    this.#pending--;
    if (this.#pending > 0 || this.ended) return;
    if (this.#usesPromises) this.bridge.call("idle");
    else this.finish();
  }

  /** Called by the host when promises have run as far as they can. */
  idle(): void {
    if (this.#pending <= 0) this.finish();
  }

  /** Of `console.count` and `console.time`. */
  get counts(): ConsoleCounts {
    this.#counts ??= new ConsoleCounts();
    return this.#counts;
  }

  get testCount(): number {
    return this.#testCount;
  }

  /** Tests stand in the order in which they ended, as in Postman: one inside another comes first. */
  addTest(): (assertion: Slot["assertion"]) => void {
    if (this.#testCount >= MAX_ASSERTIONS) throw new RangeError(`more than ${MAX_ASSERTIONS} tests`);
    this.#testCount++;
    const slot: Slot = { assertion: undefined };
    return (assertion) => {
      if (this.ended || slot.assertion) return;
      slot.assertion = assertion;
      this.#slots[this.#slots.length] = slot;
      if (this.#streams && assertion) this.#write({ assertions: [assertion] });
    };
  }

  /** An error with its place in the code of this script. */
  describe(thrown: unknown): ScriptFault {
    const fault = describeError(thrown);
    const line = lineOf(thrown, this.fileName);
    return line === undefined ? fault : { ...fault, line };
  }

  /** The first error counts; an error ends the script, as in Postman. */
  fail(thrown: unknown): void {
    if (this.ended) return;
    this.error ??= { kind: "script", ...this.describe(thrown) };
    this.finish();
  }

  /** Asks the engine; the promise never settles once the script has ended. */
  ask(kind: "sendRequest" | "cookies" | "vault" | "runRequest", payload: unknown): Promise<unknown> {
    const call = ++this.#calls;
    this.#usesPromises = true;
    this.bridge.call("call", stringify({ kind, payload }), call);
    this.hold();
    return new Promise((resolve) => this.#waiting.set(call, resolve));
  }

  reply(call: number, answer: unknown): void {
    const resolve = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (!resolve || this.ended) return;
    resolve(answer);
    this.release();
  }

  /** From here on everything is written at once: a script that waits may be killed at any time. */
  stream(): void {
    if (this.ended || this.#streams) return;
    this.#streams = true;
    const assertions = this.#assertions();
    if (assertions.length + this.#console.length > 0) this.#write({ console: this.#console, assertions });
  }

  #write(partial: PartialResult): void {
    this.bridge.call("partial", stringify(partial));
  }

  #assertions(): ScriptAssertion[] {
    const assertions: ScriptAssertion[] = [];
    for (let index = 0; index < this.#slots.length; index++) {
      const assertion = this.#slots[index]?.assertion;
      if (assertion) assertions[assertions.length] = assertion;
    }
    return assertions;
  }

  /** Everything so far, for the engine. Later calls do nothing. */
  finish(): void {
    if (this.ended) return;
    try {
      this.beforeFinish();
    } catch (error) {
      this.error ??= { kind: "script", ...this.describe(error) };
    }
    const dropped = this.#recorder.dropped();
    if (dropped) this.#console.push(dropped);
    this.ended = true;
    let result = UNREADABLE_RESULT;
    try {
      result = this.#resultText();
    } catch {
      // The script has broken what the result is made with; it must end all the same.
    }
    this.bridge.call("finish", result);
  }

  #resultText(): string {
    const { nextRequest, skipsRequest, error } = this;
    const base = { scopes: {}, assertions: this.#assertions(), console: this.#console };
    try {
      const text = stringify({
        ...base,
        ...this.collect(),
        ...(nextRequest === undefined ? {} : { nextRequest }),
        ...(skipsRequest ? { skipRequest: true } : {}),
        ...(error ? { error } : {}),
      });
      if (text.length <= MAX_RESULT_CHARS) return text;
      const message = `variables and request are larger than ${MAX_RESULT_CHARS / 1024 / 1024} MB`;
      return stringify({ ...base, error: { kind: "script", name: "RangeError", message } });
    } catch (thrown) {
      return stringify({ ...base, error: { kind: "script", ...describeError(thrown) } });
    }
  }
}

/** Name and message of whatever was thrown: scripts throw texts, null and objects whose getters throw. */
function describeError(thrown: unknown): ScriptFault {
  try {
    if (typeof thrown === "object" && thrown !== null) {
      const { name, message } = thrown as { name?: unknown; message?: unknown };
      const text = message === undefined ? stringify(thrown) : toString(message);
      const shownName = toString(name ?? "Error").slice(0, 1000);
      return { name: shownName, message: rewordedMessage(shownName, text).slice(0, 100_000) };
    }
    return { name: "Error", message: String(thrown).slice(0, 100_000) };
  } catch {
    return { name: "Error", message: "the script threw something that cannot be shown" };
  }
}
