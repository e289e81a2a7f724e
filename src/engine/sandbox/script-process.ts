import { readFileSync } from "node:fs";

import type { Log } from "../../lib/log.ts";
import { createLineReader, type FromChild, type ToChild } from "./wire.ts";

export interface ScriptProcessOptions {
  command: string[];
  memoryLimitMb: number;
  allowWithoutSeccomp: boolean;
  log?: Log;
}

/** Why a process is gone: the parent's own decision, or undefined when it ended by itself. */
export type EndReason = "memory" | "protocol" | "closed";

/** One script process, seen from the engine. */
export interface ScriptProcess {
  readonly isAlive: boolean;
  /** `context`: JSON that goes with an `execute`. */
  send(message: ToChild, context?: string): void;
  /** Gets every message until the next call; the old listener is forgotten. */
  listen(onMessage: (message: FromChild) => void, onEnd: (reason: EndReason | undefined) => void): void;
  /** Watches the memory until the returned function is called. */
  watchMemory(): () => void;
  /** Resident memory in bytes; undefined where it cannot be read. */
  residentBytes(): number | undefined;
  /** Processor time that it has used; undefined where it cannot be read. */
  cpuSeconds(): number | undefined;
  kill(reason: EndReason): void;
  readonly ended: Promise<void>;
}

/** Longest wait for a process that starts, in ms: the first one in development bundles the libraries. */
const START_TIMEOUT_MS = 30_000;
/** All messages of one script together; far beyond what an honest one writes. */
const MAX_SCRIPT_CHARS = 256 * 1024 * 1024;
/** A script that allocates as fast as it can gets a few hundred MB further in this time. */
const MEMORY_CHECK_MS = 25;

/** Starts a process and waits until it is locked and ready. Rejects when it is not, or may not be used. */
export async function startScriptProcess(options: ScriptProcessOptions): Promise<ScriptProcess> {
  const child = spawn(options);
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => fail("it did not get ready in time"), START_TIMEOUT_MS);
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill("closed");
      reject(new Error(`the script process cannot be used: ${why}`));
    };
    child.listen(
      (message) => {
        if (message.type !== "ready") return fail("it spoke out of turn");
        if (message.isolation === "none" && process.platform === "linux" && !options.allowWithoutSeccomp) {
          return fail(`seccomp could not be set up (${message.detail ?? "unknown reason"})`);
        }
        clearTimeout(timer);
        resolve();
      },
      () => fail("it ended while starting"),
    );
  });
  return child;
}

const ignore = (): void => {};

function spawn({ command, memoryLimitMb, log }: ScriptProcessOptions): ScriptProcess {
  let onMessage: (message: FromChild) => void = ignore;
  let onEnd: (reason: EndReason | undefined) => void = ignore;
  let reason: EndReason | undefined;
  let isAlive = true;
  const child = Bun.spawn(command, {
    // Nothing of ours is to be found inside: no variables, no folder, no other open file.
    env: {},
    cwd: "/",
    // Ctrl+C on a terminal is for the runner, which lets scripts under way finish; without it this process ends anyway.
    detached: true,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "ignore",
  });
  const kill = (why: EndReason) => {
    if (!isAlive) return;
    reason ??= why;
    child.kill("SIGKILL");
  };
  let receivedChars = 0;
  const read = createLineReader((line) => {
    receivedChars += line.length;
    if (receivedChars > MAX_SCRIPT_CHARS) throw new RangeError("a script wrote too much");
    if (reason === undefined) onMessage(parseMessage(line));
  });
  const ended = (async () => {
    try {
      for await (const chunk of child.stdout) read(chunk);
    } catch (error) {
      log?.warn("script process broke the protocol", { detail: String(error) });
      kill("protocol");
    }
    await child.exited;
    isAlive = false;
    onEnd(reason);
  })();

  const residentBytes = () => readResidentBytes(child.pid);
  return {
    get isAlive() {
      return isAlive && reason === undefined;
    },
    send(message, context) {
      // Answers of requests that a script left under way arrive after its process was killed.
      if (!isAlive || reason !== undefined) return;
      try {
        ignoreFailure(
          child.stdin.write(`${JSON.stringify(message)}\n${context === undefined ? "" : `${context}\n`}`),
        );
        ignoreFailure(child.stdin.flush());
      } catch {
        // Closed already: `ended` tells.
      }
    },
    listen(message, end) {
      receivedChars = 0;
      onMessage = message;
      onEnd = end;
    },
    watchMemory() {
      const timer = setInterval(() => {
        if ((residentBytes() ?? 0) > memoryLimitMb * 1024 * 1024) kill("memory");
      }, MEMORY_CHECK_MS);
      return () => clearInterval(timer);
    },
    residentBytes,
    cpuSeconds: () => {
      const usage = child.resourceUsage();
      return usage ? Number(usage.cpuTime.total) / 1_000_000 : readCpuSeconds(child.pid);
    },
    kill,
    ended,
  };
}

/** Only the outline is checked here; what a script produced is checked by the session. */
function parseMessage(line: string): FromChild {
  const message: unknown = JSON.parse(line);
  if (typeof message !== "object" || message === null || !("type" in message)) {
    throw new TypeError("a message without a type");
  }
  // The switch over `type` ignores what is unknown, and ids are compared before anything is believed.
  return message as FromChild;
}

function readResidentBytes(pid: number): number | undefined {
  try {
    // In kB, unlike the pages of `statm`, whose size differs between machines.
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Of Linux, whatever the machine: `USER_HZ`. */
const TICKS_PER_SECOND = 100;

function readCpuSeconds(pid: number): number | undefined {
  try {
    // The name in parentheses may hold anything; user and system time are the 12th and 13th field behind it.
    const [, fields = ""] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1")) ?? [];
    const [user, system] = fields.split(" ").slice(11, 13).map(Number);
    const ticks = (user ?? Number.NaN) + (system ?? Number.NaN);
    return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : undefined;
  } catch {
    return undefined;
  }
}

/** A pipe that breaks is the end of the process, and that is noticed where its end is awaited. */
function ignoreFailure(written: unknown): void {
  if (written instanceof Promise) written.catch(() => {});
}
