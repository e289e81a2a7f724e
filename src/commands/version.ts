import type { Command } from "commander";

import { VERSION } from "../lib/version.ts";
import type { CommandContext } from "./context.ts";

export function define(command: Command, { print }: CommandContext): void {
  command
    .option("--json", "as JSON, with the versions of what is inside")
    .action((options: { json?: true }) => {
      print(options.json ? JSON.stringify({ version: VERSION, bun: Bun.version }) : VERSION);
    });
}
