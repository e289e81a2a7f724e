import { join } from "node:path";

export interface RunningProgram {
  pid: number;
  /** Standard output so far, by line. */
  lines: string[];
  kill(signal: NodeJS.Signals): void;
  /** As Ctrl+C on a terminal does: the signal goes to the program and to every process that it started. */
  killGroup(signal: NodeJS.Signals): void;
  exited: Promise<{ exitCode: number; stdout: string; stderr: string }>;
}

const main = join(import.meta.dir, "../../src/main.ts");

/**
 * Starts the program in a process of its own, without a terminal, and with nothing of this process's environment.
 * `wrapper` is a shell script that starts `"$@"` under some limit.
 */
export function startProgram(
  args: string[],
  env: Record<string, string> = {},
  wrapper?: string,
): RunningProgram {
  const command = [process.execPath, main, ...args];
  const child = Bun.spawn(wrapper ? ["/bin/bash", "-c", wrapper, "bash", ...command] : command, {
    // Ends with the tests, however they end.
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: "/nonexistent",
      APP_PARENT_PID: String(process.pid),
      ...env,
    },
    stdin: "ignore",
    // A process group of its own, as a shell gives it.
    detached: true,
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines: string[] = [];
  const stdout = readLines(child.stdout, (line) => lines.push(line));
  const stderr = new Response(child.stderr).text();
  return {
    pid: child.pid,
    lines,
    kill: (signal) => child.kill(signal),
    killGroup: (signal) => process.kill(-child.pid, signal),
    exited: child.exited.then(async (exitCode) => ({
      exitCode,
      stdout: await stdout,
      stderr: await stderr,
    })),
  };
}

/** Runs the program to its end. */
export const runProgram = (args: string[], env: Record<string, string> = {}) =>
  startProgram(args, env).exited;

async function readLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let taken = 0;
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf("\n", taken); end >= 0; end = text.indexOf("\n", taken)) {
      take(text.slice(taken, end));
      taken = end + 1;
    }
  }
  return text;
}
