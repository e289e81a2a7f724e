import type { Command } from "commander";

import { isDataFolder } from "../../db/data-folder.ts";
import { systemClock } from "../lib/clock.ts";
import { parseDuration, parseStorageOptions, type StorageOptions } from "../lib/config.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { type ClientOptions, openApi } from "./client/api.ts";
import { readCredentials } from "./client/credentials.ts";
import { formatInstant, formatTable } from "./client/table.ts";
import type { CommandContext } from "./context.ts";
import type { CommandCall, CommandKey, Keys } from "./key/keys.ts";
import { localKeys } from "./key/local-keys.ts";
import { remoteKeys } from "./key/remote-keys.ts";
import { withDatabase, withStorageOptions } from "./storage.ts";

type KeyOptions = StorageOptions & ClientOptions;

interface CreateOptions extends KeyOptions {
  name: string;
  email?: string;
  expires?: string;
  scope?: string;
}

/** API keys: on the machine of the control plane without a sign-in, else by its API. */
export function define(command: Command, context: CommandContext): void {
  const sub = (usage: string, description: string) =>
    withStorageOptions(command.command(usage).description(description))
      .option("--server <url>", "control plane to ask instead of the data on this machine")
      .option("--api-key <key>", "API key for it; default: the one you logged in with")
      .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
      .option("--json", "print JSON for programs");

  const create = sub("create", "create an API key and print it, once")
    .option("--name <name>", "what it is for", "API key")
    .option("--email <owner>", "user whom it speaks for; without it the first admin, or you")
    .option("--expires <duration>", "time until it ends, such as 90d; without it never")
    .option(
      "--scope <scopes>",
      "what it may do, such as collections:read,monitors:write; without it all that its owner may",
    );
  create.action(async (options: CreateOptions) => {
    const expiresAt = options.expires === undefined ? undefined : instantAfter(options.expires);
    const scopes = options.scope?.split(",").map((scope) => scope.trim());
    const wanted = { name: options.name, email: options.email, expiresAt, scopes };
    const made = await withKeys(create, options, context, (keys) => keys.create(wanted));
    if (!options.json) context.note(`API key ${made.id}, shown only now:`);
    context.print(options.json ? JSON.stringify(made) : made.key);
  });

  const list = sub("list", "list API keys; the keys themselves are not stored");
  list.action(async (options: KeyOptions) => {
    const keys = await withKeys(list, options, context, (all) => all.list());
    context.print(options.json ? JSON.stringify(keys) : formatKeys(keys));
  });

  const rename = sub("rename <id> <name>", "say otherwise what an API key is for");
  rename.action(async (id: string, name: string, options: KeyOptions) => {
    if (name.trim() === "") throw new AppError("usage", "A key needs a name: say what it is for.");
    await withKeys(rename, options, context, (keys) => keys.rename(checkId(id), name.trim()));
    context.print(`Renamed ${id}.`);
  });

  const revoke = sub("revoke <id>", "end an API key at once");
  revoke.action(async (id: string, options: KeyOptions) => {
    await withKeys(revoke, options, context, (keys) => keys.revoke(checkId(id)));
    context.print(`Revoked ${id}.`);
  });

  const calls = sub("calls <id>", 'what an API key did last; "unknown" = calls without a known key');
  calls.action(async (id: string, options: KeyOptions) => {
    const checked = id === "unknown" ? id : checkId(id);
    const made = await withKeys(calls, options, context, (keys) => keys.calls(checked));
    context.print(options.json ? JSON.stringify(made) : formatCalls(made));
  });
}

const instantAfter = (duration: string): Date =>
  new Date(systemClock.now().getTime() + parseDuration(duration));

function checkId(id: string): string {
  if (isUuid(id)) return id;
  throw new AppError("usage", `"${id}" is not the id of an API key: the command key list prints ids.`);
}

async function withKeys<T>(
  command: Command,
  options: KeyOptions,
  context: CommandContext,
  act: (keys: Keys) => Promise<T>,
): Promise<T> {
  if (await isRemote(command, options)) return await act(remoteKeys(await openApi(options)));
  return await withDatabase(options, context, (database) => act(localKeys(database)));
}

/** Data that is named, or that is here, is nearer than a control plane that one is logged in to. */
async function isRemote(command: Command, options: KeyOptions): Promise<boolean> {
  const isNamed = ["dataDir", "databaseUrl"].some(
    (name) => (command.getOptionValueSource(name) ?? "default") !== "default",
  );
  if (isNamed) return false;
  if (options.server !== undefined) return true;
  const { dataDir, databaseUrl } = parseStorageOptions(options);
  if (databaseUrl !== undefined || isDataFolder(dataDir)) return false;
  return (await readCredentials().catch(() => undefined)) !== undefined;
}

function formatKeys(keys: readonly CommandKey[]): string {
  const rows = keys.map((key) => [
    key.id,
    `${key.prefix}…`,
    key.name,
    key.owner,
    key.scopes?.join(",") ?? "all",
    key.state === "valid" && key.expiresAt ? `until ${key.expiresAt}` : key.state,
    key.lastUsedAt ?? "never",
  ]);
  return formatTable([["ID", "KEY", "NAME", "OWNER", "SCOPES", "STATE", "LAST USED"], ...rows]);
}

function formatCalls(calls: readonly CommandCall[]): string {
  const rows = calls.map((call) => [
    formatInstant(call.timestamp),
    `${call.method} ${call.path}`,
    call.ip,
    call.rule === null ? call.decision : `${call.decision}: ${call.rule}`,
    String(call.status),
  ]);
  return formatTable([["WHEN", "WHAT", "FROM", "DECISION", "STATUS"], ...rows]);
}
