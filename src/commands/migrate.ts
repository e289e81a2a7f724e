import type { Command } from "commander";

import { AppError } from "../lib/errors.ts";

export function define(command: Command): void {
  command.action(() => {
    throw new AppError("unavailable", "This command does not work yet.");
  });
}
