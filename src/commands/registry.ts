import type { Command } from "commander";

import type { Log } from "../lib/log.ts";

/**
 * To add a command: write `src/commands/<name>.ts` that exports `define(command, context)`, and add a line below.
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

export interface CommandEntry {
  name: string;
  summary: string;
  load: () => Promise<CommandModule>;
}

export const commandEntries: readonly CommandEntry[] = [
  { name: "serve", summary: "start the control plane", load: () => import("./serve.ts") },
  { name: "key", summary: "create, list and revoke API keys", load: () => import("./key.ts") },
  { name: "user", summary: "create and list users, reset a password", load: () => import("./user.ts") },
  { name: "runner", summary: "start a runner, manage runners", load: () => import("./runner.ts") },
  { name: "collection", summary: "run a collection on this machine", load: () => import("./collection.ts") },
  {
    name: "import",
    summary: "put collections and environments into a workspace",
    load: () => import("./import.ts"),
  },
  { name: "login", summary: "store an API key for a control plane", load: () => import("./login.ts") },
  { name: "logout", summary: "forget the stored API key", load: () => import("./logout.ts") },
  { name: "monitor", summary: "create, run and watch monitors", load: () => import("./monitor.ts") },
  { name: "migrate", summary: "bring the database up to this version", load: () => import("./migrate.ts") },
  { name: "doctor", summary: "check what this machine offers", load: () => import("./doctor.ts") },
  { name: "demo", summary: "try everything on this machine", load: () => import("./demo.ts") },
  { name: "version", summary: "print the version", load: () => import("./version.ts") },
];
