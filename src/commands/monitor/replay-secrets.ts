import type { RunInput } from "../../engine/types.ts";
import { readSecrets } from "../../lib/secrets.ts";

/** Sentences about the secrets that a run on this machine lacks, by their names. */
export async function missingSecrets(input: RunInput, secretsPath: string | undefined): Promise<string[]> {
  const given = secretsPath === undefined ? undefined : await readSecrets(secretsPath);
  const absent = vaultNames(input).filter((name) => !given?.has(name));
  const empty = (input.environment?.values ?? [])
    .filter(({ type, value }) => type === "secret" && (value === "" || value === null || value === undefined))
    .map(({ key }) => key);
  return [
    ...(absent.length > 0
      ? [`The vault of the runner is not here; give with --secrets: ${absent.join(", ")}.`]
      : []),
    ...(empty.length > 0
      ? [`Secret variables without a value; give each with --env-var NAME=VALUE: ${empty.join(", ")}.`]
      : []),
  ];
}

/** Names of the vault that documents spell out, in `{{vault:name}}` or in a script. */
function vaultNames({ collection, environment, globals }: RunInput): string[] {
  const text = JSON.stringify([collection, environment?.values, globals?.values]);
  const names = [
    ...text.matchAll(/\{\{\s*vault:([^{}"\\]+)\}\}/g),
    ...text.matchAll(/pm\.vault\.get\(\s*(?:\\"|'|`)([^"'`\\]+)/g),
  ].map(([, name = ""]) => name.trim());
  return [...new Set(names)].toSorted();
}
