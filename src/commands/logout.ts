import type { Command } from "commander";

import { deleteCredentials } from "./client/credentials.ts";
import type { CommandContext } from "./context.ts";

export function define(command: Command, { print }: CommandContext): void {
  command.action(async () => {
    const wasLoggedIn = await deleteCredentials();
    print(wasLoggedIn ? "Logged out: the stored API key is deleted." : "Nobody was logged in.");
  });
}
