import type { Command } from "commander";

import type { CommandContext } from "./context.ts";
import { defineChanges } from "./monitor/change.ts";
import { defineReplay } from "./monitor/replay.ts";
import { defineRun } from "./monitor/run.ts";
import { defineViews } from "./monitor/view.ts";

export function define(command: Command, context: CommandContext): void {
  defineViews(command, context);
  defineChanges(command, context);
  defineRun(command, context);
  defineReplay(command, context);
}
