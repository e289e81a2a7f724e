import type { Command } from "commander";

import type { Log } from "../lib/log.ts";

/**
 * To add a command: write `src/commands/<name>.ts` that exports `define(command, context)`, and a line in `registry.ts`.
 *
 * `define` is called only when its command was asked for, with a Command that has its name and summary: it adds
 * arguments, options, subcommands and `.action(…)`. Nothing that another command needs is loaded, so a runner
 * carries no server. Every option gets its environment variable by itself (`--data-dir`: `APP_DATA_DIR`; a flag
 * wins, a switch is on unless the variable is empty, 0, false, no or off).
 *
 * An action throws `AppError` for what its reader did or met (`usage` exits 2, all else 1), sets
 * `process.exitCode = 1` when the thing asked for failed without being an error, and returns when all is done:
 * the program then ends by itself, even if a pool is still open. Results go to `print`, progress and hints to `note`.
 */
export interface CommandModule {
  define: (command: Command, context: CommandContext) => void;
}

export interface CommandContext {
  /** Name by which the program was called, for hints that can be copied. */
  programName: string;
  /** One line to standard output. */
  print: (line: string) => void;
  /** One line to standard error. */
  note: (line: string) => void;
  /** Human lines on a terminal, JSON lines elsewhere; the level comes from `APP_LOG_LEVEL`. */
  openLog: (stream: "stdout" | "stderr") => Log;
}
