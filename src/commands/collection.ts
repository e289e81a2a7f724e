import type { Command } from "commander";

import { defineCheck } from "./collection/check.ts";
import { defineRun } from "./collection/run.ts";
import type { CommandContext } from "./context.ts";

export function define(command: Command, context: CommandContext): void {
  defineRun(command, context);
  defineCheck(command, context);
}
