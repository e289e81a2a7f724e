import { z } from "zod";

import { AppError } from "../lib/errors.ts";
import { parseOrThrow } from "../lib/parse.ts";

/** Rules of runners and their instances; no IO. */

/**
 * Postman's three words. `Unknown`: no instance was ever seen. `Healthy`: one was, at most `HEALTHY_SECONDS` ago. Else
 * `Unhealthy`. Seen means that it asked for work, renewed a lease or sent results: Postman counts results only, by which a
 * runner without work would turn unhealthy.
 */
export type Health = "Healthy" | "Unhealthy" | "Unknown";

/** Three missed polls or heartbeats, with room for a slow network. An instance that works or waits is never silent so long. */
export const HEALTHY_SECONDS = 90;

/** `silentSeconds`: since the last sign of life of any instance, by the database's clock; null = never. */
export function healthOf(silentSeconds: number | null): Health {
  if (silentSeconds === null) return "Unknown";
  return silentSeconds <= HEALTHY_SECONDS ? "Healthy" : "Unhealthy";
}

/** The command that starts an instance; every part is free of characters that a shell would change. */
export const startCommand = (publicUrl: string, id: string, key: string): string =>
  `app runner start --server ${publicUrl} --id ${id} --key ${key}`;

/** The same for a page that does not know the key: the program asks for it. */
export const startCommandWithoutKey = (publicUrl: string, id: string): string =>
  `app runner start --server ${publicUrl} --id ${id}`;

/** Whether a version of the program comes before another; false for what is no version. */
export function isOlder(version: string, other: string): boolean {
  const [one, two] = [version, other].map((text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number));
  if (!one || !two) return false;
  const place = one.findIndex((number, index) => number !== two[index]);
  return place >= 0 && (one[place] ?? 0) < (two[place] ?? 0);
}

/** A runner as the protocol sees it: who calls, and which workspaces' runs it may get. */
export interface RunnerIdentity {
  id: string;
  name: string;
  /** Null = every workspace. */
  workspaceIds: ReadonlySet<string> | null;
  /** Of the key that was used, which may be the one before the last reset. */
  keyHash: string;
}

/** The longest time that a key may go on working after a reset. */
export const MAX_GRACE_SECONDS = 30 * 24 * 3600;

export const keyReset = z.object({ graceSeconds: z.int().min(0).max(MAX_GRACE_SECONDS).default(0) });

/** How long the old key goes on working, in seconds; 0 = not at all. 400 that names the field. */
export const parseKeyReset = (value: unknown): { graceSeconds: number } =>
  parseOrThrow(keyReset, value, "runner");

/** What a person decides about a runner. */
export interface RunnerInput {
  name: string;
  description: string;
  visibility: "all" | "selected";
  /** Ids of workspaces that see it; empty when visible to all. */
  workspaceIds: string[];
}

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine((value) => !value.includes("\0"), "must not contain NUL");

export const runnerFields = z.object({
  name: text(200).min(1),
  description: text(2000).default(""),
  visibility: z.enum(["all", "selected"]).default("all"),
  workspaces: z.array(z.uuid()).max(1000).default([]),
});

/** The `runner` object of a request; 400 that names the wrong field. */
export function parseRunner(value: unknown): RunnerInput {
  const { workspaces, ...fields } = parseOrThrow(runnerFields, value, "runner");
  if (fields.visibility === "all") return { ...fields, workspaceIds: [] };
  if (workspaces.length === 0) {
    throw new AppError(
      "bad_request",
      'The request had invalid parameters: a runner with visibility "selected" needs at least one workspace.',
      { name: "invalidParamsError", details: { param: "runner.workspaces" } },
    );
  }
  return { ...fields, workspaceIds: [...new Set(workspaces.map((id) => id.toLowerCase()))] };
}
