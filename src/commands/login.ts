import type { Command } from "commander";
import { z } from "zod";

import { createApiClient } from "../lib/api-client.ts";
import { parseHttpUrl } from "../lib/config.ts";
import { AppError } from "../lib/errors.ts";
import { writeCredentials } from "./client/credentials.ts";
import type { CommandContext } from "./context.ts";
import { askSecret } from "./runner/ask-key.ts";

const me = z.looseObject({ user: z.looseObject({ email: z.string() }) });

export function define(command: Command, { print }: CommandContext): void {
  command
    .option("--server <url>", "address of the control plane")
    .option("--with-api-key <key>", "API key; asked for on a terminal")
    .action(async (options: { server?: string; withApiKey?: string }) => {
      if (!options.server)
        throw new AppError("usage", "The address of the control plane is missing: give it with --server.");
      const server = parseHttpUrl(options.server, "--server");
      const apiKey = options.withApiKey ?? (await askForKey());
      const { user } = await createApiClient({ server, apiKey }).get("/me", me);
      const path = await writeCredentials({ server, apiKey });
      print(`Logged in to ${server} as ${user.email}. The key is in ${path}.`);
    });
}

function askForKey(): Promise<string> {
  if (process.stdin.isTTY) return askSecret("Enter API key: ");
  throw new AppError("usage", "The API key is missing: give it with --with-api-key.");
}
