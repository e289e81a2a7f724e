import { readVariable } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import type { ChannelFile } from "./content-alerts.ts";

type Config = ChannelFile["config"];

export interface FilledConfig {
  /** Without the fields that need a variable that is not set. */
  config: { kind: Config["kind"] } & Record<string, unknown>;
  /** Variables that are not set, each once. */
  missing: string[];
}

/** `${NAME}` in texts of a configuration becomes the variable of the environment. */
export function fillIn({ kind, ...fields }: Config, by: string): FilledConfig {
  const missing = new Set<string>();
  const fill = (text: string): string | undefined => {
    const absent = namesIn(text).filter((name) => readAllowed(name, by) === undefined);
    for (const name of absent) missing.add(name);
    return absent.length > 0
      ? undefined
      : text.replaceAll(pattern, (_, name: string) => readVariable(name) ?? "");
  };
  const filled = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    const whole = value === null ? null : fillValue(value, fill);
    return whole === undefined ? [] : [[name, whole]];
  });
  return { config: { kind, ...Object.fromEntries(filled) }, missing: [...missing] };
}

/** Undefined when any part of it is not there: half a list of headers is worse than the old one. */
function fillValue(
  value: string | string[] | Record<string, string>,
  fill: (text: string) => string | undefined,
): unknown {
  if (typeof value === "string") return fill(value);
  const filled = Object.entries(value).map(([key, text]) => [key, fill(text)] as const);
  if (filled.some(([, text]) => text === undefined)) return undefined;
  return Array.isArray(value) ? filled.map(([, text]) => text) : Object.fromEntries(filled);
}

const pattern = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

const namesIn = (text: string): string[] => [...text.matchAll(pattern)].map(([, name = ""]) => name);

/** A file must not send the credentials of this program to an address that it names. */
function readAllowed(name: string, by: string): string | undefined {
  if (/^(APP_|DATABASE_URL$|POSTMAN_RUNNER_)/i.test(name))
    throw new AppError(
      "bad_request",
      `${by} refers to the variable ${name}, which is for this program itself: give it another name.`,
    );
  return readVariable(name);
}

/** `${CHANNEL_OPS_CHAT_URL}` for the address of "Ops chat": what an export says in place of a secret. */
export function variableFor(channel: string, field: string, taken: Set<string>): string {
  const words = `CHANNEL_${channel}_${field}`
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .replaceAll(/[^A-Za-z0-9]+/g, "_");
  const wanted = words.toUpperCase();
  let free = wanted;
  for (let number = 2; taken.has(free); number++) free = `${wanted}_${number}`;
  taken.add(free);
  return `\${${free}}`;
}
