import { isDeepStrictEqual } from "node:util";

import { z } from "zod";

import type { Actor, Deps } from "../access/context.ts";
import { missing, parseFields, wrongField } from "../access/fields.ts";
import { type Channel, type ChannelConfig, channelConfig } from "./channel.ts";
import { readChannelConfig, updateChannel } from "./channels-store.ts";

/** Parts of a configuration, for programs that know some of it and must not be told the rest. */

/** `config`: what is absent stays as it is stored, null takes it away; another kind begins anew. */
export const configChangeBody = z.object({
  config: z.looseObject({ kind: z.string() }),
  /** Only tell what would change. */
  dryRun: z.boolean().default(false),
});

/** `["url", "secret", "headers.X-Team"]`: which parts there are, never what is in them. */
const partsOf = ({ kind: _kind, ...config }: ChannelConfig): string[] =>
  Object.entries(config).flatMap(([name, value]) =>
    name === "headers"
      ? Object.keys(z.looseObject({}).parse(value)).map((header) => `headers.${header}`)
      : [name],
  );

type ConfigDeps = Pick<Deps, "database" | "secretBox" | "publicUrl">;

/** 404 for a channel that went meanwhile. */
export async function readParts(
  deps: ConfigDeps,
  { id }: Channel,
): Promise<{ kind: string; parts: string[] }> {
  const config = await stored(deps, id);
  return { kind: config.kind, parts: partsOf(config) };
}

/**
 * Changes parts of a configuration of a channel that the actor may change. Names of the fields that differ from what is stored,
 * `kind` when it is another one; nothing is stored when none does. 400 that names the field of what no configuration may be.
 */
export async function changeParts(
  deps: ConfigDeps,
  actor: Actor,
  { id }: Channel,
  { config, dryRun }: z.infer<typeof configChangeBody>,
): Promise<string[]> {
  const before: Record<string, unknown> = await stored(deps, id);
  const base = before["kind"] === config.kind ? before : {};
  requireSameServer(base, config);
  const wanted = Object.entries({ ...base, ...config }).filter(([, value]) => value !== null);
  const after = parseFields(z.object({ config: channelConfig }), {
    config: Object.fromEntries(wanted),
  }).config;
  const fields: Record<string, unknown> = after;
  const changed = [...new Set([...Object.keys(before), ...Object.keys(fields)])].filter(
    (name) => !isDeepStrictEqual(before[name], fields[name]),
  );
  if (changed.length > 0 && !dryRun) await updateChannel(deps, actor, id, { config: after });
  return changed;
}

/** Whoever may change a channel may not read it: what is stored never follows an address that somebody else chose. */
function requireSameServer(before: Record<string, unknown>, change: Record<string, unknown>): void {
  if (change["url"] === undefined || originOf(change["url"]) === originOf(before["url"])) return;
  const kept = Object.keys(before).find((name) => change[name] === undefined);
  if (kept === undefined) return;
  throw wrongField(
    `config.${kept}`,
    `The address becomes another one, so what is sent there must be given again: send "config.${kept}", or null to take it away.`,
  );
}

/** Undefined: the address of the service itself. */
const originOf = (url: unknown): string | undefined =>
  typeof url === "string" ? (URL.parse(url)?.origin ?? url) : undefined;

async function stored(deps: ConfigDeps, id: string): Promise<ChannelConfig> {
  const found = await readChannelConfig(deps, id);
  if (!found) throw missing("There is no such alert channel; it may have been deleted.");
  const { active: _active, ...config } = found;
  return config;
}
