import { z } from "zod";

import type { CookieOperation, RunRequest, ScriptHttpRequest, ScriptResult } from "./protocol.ts";

/** What a script process may claim. It runs code that nobody vouches for: anything else ends it. */
const variables = z.array(
  z
    .object({
      key: z.string(),
      value: z.unknown().optional(),
      type: z.string().optional(),
      enabled: z.boolean(),
    })
    .transform(({ value, ...variable }) => ({ ...variable, value: value ?? null })),
);

const httpRequest = z.object({
  method: z.string().max(100),
  url: z.union([z.string(), z.record(z.string(), z.unknown())]),
  header: z.array(z.object({ key: z.string(), value: z.string(), disabled: z.boolean().optional() })),
  body: z.record(z.string(), z.unknown()).optional(),
  auth: z.record(z.string(), z.unknown()).optional(),
});

const errorText = z.object({ name: z.string(), message: z.string() });

const assertions = z.array(
  z.object({
    name: z.string(),
    status: z.enum(["passed", "failed", "skipped"]),
    error: errorText.optional(),
  }),
);

const consoleEntries = z.array(
  z.object({
    level: z.enum(["log", "info", "warn", "error", "debug", "clear"]),
    atMs: z.number(),
    messages: z.array(z.string()),
  }),
);

const scopes = z.object({
  local: variables.optional(),
  environment: variables.optional(),
  collection: variables.optional(),
  globals: variables.optional(),
});

const scriptResult = z.object({
  scopes,
  request: httpRequest.optional(),
  assertions,
  console: consoleEntries,
  nextRequest: z.string().nullable().optional(),
  skipRequest: z.boolean().optional(),
  error: errorText.transform((error) => ({ kind: "script" as const, ...error })).optional(),
});

const partialResult = z.object({ console: consoleEntries.optional(), assertions: assertions.optional() });

const cookie = z.object({
  name: z.string(),
  value: z.string(),
  domain: z.string().optional(),
  path: z.string().optional(),
  expires: z.string().optional(),
  secure: z.boolean().optional(),
  httpOnly: z.boolean().optional(),
  hostOnly: z.boolean().optional(),
  sameSite: z.string().optional(),
});

const url = z.string();
const call = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("sendRequest"), payload: httpRequest }),
  z.object({ kind: z.literal("vault"), payload: z.object({ name: z.string() }) }),
  z.object({
    kind: z.literal("runRequest"),
    payload: z.object({
      id: z.string(),
      variables: z.record(z.string(), z.unknown()),
      scopes: z.object({
        local: variables,
        environment: variables,
        collection: variables,
        globals: variables,
      }),
    }),
  }),
  z.object({
    kind: z.literal("cookies"),
    payload: z.discriminatedUnion("op", [
      z.object({ op: z.literal("getAll"), url }),
      z.object({ op: z.literal("set"), url, cookie }),
      z.object({ op: z.literal("unset"), url, name: z.string() }),
      z.object({ op: z.literal("clear"), url }),
    ]),
  }),
]);

export type ScriptCall =
  | { kind: "vault"; payload: { name: string } }
  | { kind: "runRequest"; payload: RunRequest }
  | { kind: "sendRequest"; payload: ScriptHttpRequest }
  | { kind: "cookies"; payload: CookieOperation };

// zod gives optional members as `T | undefined`; JSON has no undefined, so they are absent instead.
export const parseResult = (value: unknown): ScriptResult => scriptResult.parse(value) as ScriptResult;
export const parsePartial = (value: unknown) =>
  partialResult.parse(value) as Partial<Pick<ScriptResult, "console" | "assertions">>;
export const parseCall = (value: unknown): ScriptCall => call.parse(value) as ScriptCall;

/** Enforces the console limit on this side, too: the child's own count is only a courtesy. */
export function capConsole(entries: ScriptResult["console"], maxBytes: number): ScriptResult["console"] {
  // The entry that says what was dropped comes on top, and counts in UTF-16 units are shorter than bytes.
  let left = maxBytes * 3 + 1024;
  const kept: ScriptResult["console"] = [];
  for (const entry of entries) {
    for (const message of entry.messages) left -= Buffer.byteLength(message) + 8;
    if (left < 0) break;
    kept.push(entry);
  }
  return kept;
}
