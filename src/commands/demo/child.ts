import { childEnvironment, readEnvironment } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { selfCommand } from "../../lib/self.ts";

export interface ChildOptions {
  /** What it is called in a sentence: `control plane`. */
  name: string;
  args: string[];
  /** Changes to this process's environment; undefined takes a variable out. */
  environment: Record<string, string | undefined>;
}

/** A second process of this program; it ends with this one, however this one ends. */
export interface Child {
  readonly name: string;
  /** Resolves with what happened, as one sentence, when the process is gone. */
  readonly ended: Promise<string>;
  /** The first match in its output so far or from now on. Throws when the process ends before. */
  find(pattern: RegExp): Promise<RegExpExecArray>;
  /** Asks it to end, and makes it end after `graceMs` or when `hurry` aborts. */
  stop(options: { graceMs: number; hurry: AbortSignal }): Promise<void>;
}

/** Lines of output that are remembered, to be shown when the process ends by itself. */
const KEPT_LINES = 40;
const SHOWN_LINES = 5;
/** How a sentence begins with which our program gives up: with the name that it was called by. */
const SENTENCE = /^[\w.-]+: (?=["A-Z])/;

export function startChild({ name, args, environment }: ChildOptions): Child {
  const process_ = Bun.spawn([...selfCommand(), ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: childEnvironment({ ...environment, ...loopbackWithoutProxy(), APP_PARENT_PID: String(process.pid) }),
    // A group of its own: Ctrl+C reaches this process only, which then stops its children in order.
    detached: true,
  });
  const output = new Output();
  const read = Promise.all([output.read(process_.stdout), output.read(process_.stderr)]);
  const ended = process_.exited.then(async (code) => {
    await read;
    output.close();
    const end = process_.signalCode ?? `exit code ${code}`;
    return `The ${name} ended by itself (${end}): ${output.lastWords()}`;
  });

  return {
    name,
    ended,
    find: async (pattern) => {
      const match = await output.find(pattern);
      if (match === undefined) throw new AppError("unavailable", await ended);
      return match;
    },
    stop: async ({ graceMs, hurry }) => {
      if (process_.exitCode !== null || process_.signalCode !== null) return;
      const limit = AbortSignal.any([hurry, AbortSignal.timeout(graceMs)]);
      const force = () => killGroup(process_.pid);
      limit.addEventListener("abort", force, { once: true });
      process_.kill("SIGTERM");
      if (hurry.aborted) force();
      await process_.exited;
      limit.removeEventListener("abort", force);
    },
  };
}

/** All of the demo talks over loopback, where a proxy of this machine has no way to. */
function loopbackWithoutProxy(): Record<string, string> {
  const hosts = [readEnvironment().noProxy, "127.0.0.1", "localhost"].filter(Boolean).join(",");
  return { NO_PROXY: hosts, no_proxy: hosts };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended between the decision and the signal.
  }
}

/** Lines of a process, the last few kept, with readers that wait for one of them. */
class Output {
  #lines: string[] = [];
  #isClosed = false;
  readonly #waiting = new Set<() => void>();

  async read(stream: ReadableStream<Uint8Array>): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      this.#add(lines);
    }
    if (rest !== "") this.#add([rest]);
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  find(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    return new Promise((resolve) => {
      const look = () => {
        const match = this.#lines.map((line) => pattern.exec(line)).find((found) => found !== null);
        if (match === undefined && !this.#isClosed) return;
        this.#waiting.delete(look);
        resolve(match);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** The sentence with which our programs give up, or else the last lines. */
  lastWords(): string {
    const sentence = this.#lines.findLast((line) => SENTENCE.test(line));
    if (sentence !== undefined) return sentence.replace(SENTENCE, "");
    return this.#lines.slice(-SHOWN_LINES).join("\n").trim() || "it said nothing";
  }

  #add(lines: string[]): void {
    this.#lines = [...this.#lines, ...lines].slice(-KEPT_LINES);
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }
}
