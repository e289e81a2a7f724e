import type { Command } from "commander";

import { defineChanges } from "./monitor/change.ts";
import { defineRun } from "./monitor/run.ts";
import { defineViews } from "./monitor/view.ts";
import type { CommandContext } from "./registry.ts";

export function define(command: Command, context: CommandContext): void {
  defineViews(command, context);
  defineChanges(command, context);
  defineRun(command, context);
}
