import { resolve } from "node:path";

import type { Command } from "commander";

import { parseWholeNumber } from "../lib/config.ts";
import type { CommandContext } from "./context.ts";
import { runDemo } from "./demo/run.ts";

interface Options {
  dataDir: string;
  port: string;
}

export function define(command: Command, context: CommandContext): void {
  command
    .option("--data-dir <folder>", "where everything is kept", "./sallyport-data")
    .option("--port <number>", "port of the pages and the API; when taken, the next free one", "4600")
    .action(({ dataDir, port }: Options) =>
      runDemo(context, {
        dataDir: resolve(dataDir),
        port: parseWholeNumber(port, "--port", { min: 1, max: 65_535 }),
      }),
    );
}
