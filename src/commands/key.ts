import type { Command } from "commander";

import type { Database } from "../../db/connect.ts";
import { createApiKey, listApiKeys, revokeApiKey, type ApiKey } from "../access/key-store.ts";
import { findUserByEmail, listUsers, type User } from "../access/user-store.ts";
import { systemClock } from "../lib/clock.ts";
import { parseDuration, type StorageOptions } from "../lib/config.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { formatTable } from "./client/table.ts";
import type { CommandContext } from "./context.ts";
import { commandActor, withDatabase, withStorageOptions } from "./storage.ts";

interface CreateOptions extends StorageOptions {
  name: string;
  email?: string;
  expires?: string;
  scope?: string;
  json?: true;
}

/** API keys, on the machine of the control plane and without a sign-in. */
export function define(command: Command, context: CommandContext): void {
  withStorageOptions(command.command("create"))
    .description("create an API key and print it, once")
    .option("--name <name>", "what it is for", "API key")
    .option("--email <owner>", "user whom it speaks for; without it the first admin")
    .option("--expires <duration>", "time until it ends, such as 90d; without it never")
    .option(
      "--scope <scopes>",
      "what it may do, such as collections:read,monitors:write; without it all that its owner may",
    )
    .option("--json", "print the result as JSON")
    .action((options: CreateOptions) => create(options, context));

  withStorageOptions(command.command("list"))
    .description("list API keys; the keys themselves are not stored")
    .option("--json", "print the result as JSON")
    .action(async (options: StorageOptions & { json?: true }) => {
      const keys = await withDatabase(options, context, (database) => listApiKeys(database));
      context.print(options.json ? JSON.stringify(keys) : formatKeys(keys));
    });

  withStorageOptions(command.command("revoke"))
    .description("end an API key at once")
    .argument("<id>", "its id, as list prints it")
    .action(async (id: string, options: StorageOptions) => {
      if (!isUuid(id))
        throw new AppError("usage", `"${id}" is not the id of an API key: the command key list prints ids.`);
      await withDatabase(options, context, (database) => revokeApiKey(database, commandActor, id));
      context.print(`Revoked ${id}.`);
    });
}

async function create(options: CreateOptions, context: CommandContext): Promise<void> {
  const lifetimeMs = options.expires === undefined ? undefined : parseDuration(options.expires);
  const scopes = options.scope?.split(",").map((scope) => scope.trim());
  const created = await withDatabase(options, context, async (database) => {
    const owner = await findOwner(database, options.email);
    return await createApiKey(database, commandActor, {
      userId: owner.id,
      name: options.name,
      ...(lifetimeMs !== undefined && { expiresAt: new Date(systemClock.now().getTime() + lifetimeMs) }),
      ...(scopes && { scopes }),
    });
  });
  if (!options.json) context.note(`API key ${created.id}, shown only now:`);
  context.print(options.json ? JSON.stringify(created) : created.key);
}

async function findOwner(database: Database, email: string | undefined): Promise<User> {
  const owner =
    email === undefined
      ? (await listUsers(database)).find(({ role }) => role === "admin")
      : await findUserByEmail(database, email);
  if (owner) return owner;
  throw new AppError(
    "not_found",
    email === undefined
      ? "There is no user yet: create one with the command user create."
      : `There is no user with the e-mail ${email}: the command user list prints all.`,
  );
}

function formatKeys(keys: readonly ApiKey[]): string {
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}…`,
    key.name,
    key.email,
    key.scopes?.join(",") ?? "all",
    stateOf(key),
    key.lastUsedAt?.toISOString() ?? "never",
  ]);
  return formatTable([["ID", "KEY", "NAME", "OWNER", "SCOPES", "STATE", "LAST USED"], ...rows]);
}

function stateOf({ revokedAt, expiresAt }: ApiKey): string {
  if (revokedAt) return "revoked";
  if (!expiresAt) return "valid";
  return expiresAt <= systemClock.now() ? "expired" : `until ${expiresAt.toISOString()}`;
}
