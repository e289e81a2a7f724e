import type { Command } from "commander";

import type { CommandContext } from "./context.ts";
import { defineManagement } from "./runner/manage.ts";
import { defineStart } from "./runner/start.ts";
import { defineUpgrade } from "./runner/upgrade.ts";

export function define(command: Command, context: CommandContext): void {
  defineStart(command, context);
  defineUpgrade(command, context);
  defineManagement(command, context);
}
