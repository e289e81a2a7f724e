import type { Command } from "commander";

import { migrate } from "../../db/migrate.ts";
import type { StorageOptions } from "../lib/config.ts";
import type { CommandContext } from "./context.ts";
import { withDatabase, withStorageOptions } from "./storage.ts";

export function define(command: Command, context: CommandContext): void {
  withStorageOptions(command)
    .option("--json", "print the result as JSON")
    .action(async (options: StorageOptions & { json?: true }) => {
      const applied = await withDatabase(options, context, migrate, { isMigrating: true });
      if (options.json) context.print(JSON.stringify({ applied }));
      else
        context.print(
          applied.length === 0 ? "The database is up to date." : `Applied: ${applied.join(", ")}`,
        );
    });
}
