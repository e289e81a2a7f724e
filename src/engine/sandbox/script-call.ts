import { z } from "zod";

import type { CookieOperation, RunRequest, ScriptHttpRequest } from "./protocol.ts";

/** What a script may ask of the engine: the process runs code that nobody vouches for. */
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
export const parseCall = (value: unknown): ScriptCall => call.parse(value) as ScriptCall;
