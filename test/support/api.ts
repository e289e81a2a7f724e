import type { Hono } from "hono";

import type { Database } from "../../db/connect.ts";
import type { Actor, AppEnv, Deps } from "../../src/access/context.ts";
import { createApiKey } from "../../src/access/keys/store.ts";
import { createLimiter } from "../../src/access/limits/limiter.ts";
import { type Limits, noLimits } from "../../src/access/limits/limits.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createSecretBox } from "../../src/lib/seal.ts";
import { type AppOptions, createApp } from "../../src/server/app.ts";
import { silentLog, testDatabase } from "./database.ts";
import { createMake } from "./make.ts";

/** Real dependencies on the given database. */
export const testDeps = (database: Database, overrides: Partial<Deps> = {}): Deps => ({
  database,
  clock: systemClock,
  log: silentLog,
  secretBox: createSecretBox(new Uint8Array(32).fill(7)),
  publicUrl: "http://127.0.0.1:4600",
  stopping: new AbortController().signal,
  ...overrides,
});

const highLimits: Limits = {
  ...noLimits,
  user: { allowed: 1_000_000, windowSeconds: 60 },
  month: { allowed: 1_000_000, windowSeconds: null },
};

export interface Answer {
  status: number;
  headers: Headers;
  // Tests state the shape that they expect; a JSON body has no type before.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface TestApi {
  app: Hono<AppEnv>;
  deps: Deps;
  database: Database;
  make: ReturnType<typeof createMake>;
  /** Whose key `call` sends. */
  actor: Actor;
  key: string;
  /** A request below `/api`, with the key unless `headers` say otherwise; a body that is no string goes as JSON. */
  call: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  newKey: (options?: { role?: "admin" | "member"; scopes?: string[]; expiresAt?: Date }) => Promise<{
    id: string;
    key: string;
    actor: Actor;
  }>;
}

/** The whole app on a fresh database, with an admin's key. */
export async function testApi(overrides: Partial<Deps> = {}, options: AppOptions = {}): Promise<TestApi> {
  const database = overrides.database ?? (await testDatabase());
  const make = createMake(database);
  const deps = testDeps(database, overrides);
  // As on a real server, and nobody ever comes to the end of them.
  const limiter = createLimiter(deps, highLimits);
  const app = createApp(deps, { limiter, ...options });

  const newKey: TestApi["newKey"] = async ({ role = "admin", scopes, expiresAt } = {}) => {
    const user = await make.user({ role });
    const { id: userId, email, name } = user;
    const actor: Actor = { userId, email, name, role, via: "api_key", scopes: null };
    const made = await createApiKey(database, actor, {
      userId,
      name: "test",
      ...(scopes && { scopes }),
      ...(expiresAt && { expiresAt }),
    });
    return { id: made.id, key: made.key, actor };
  };

  const { key, actor } = await newKey();
  const call: TestApi["call"] = async (method, path, body, headers = { "x-api-key": key }) => {
    const response = await app.request(`/api${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const isJson = response.headers.get("content-type")?.includes("application/json");
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? await response.json() : await response.text(),
    };
  };
  return { app, deps, database, make, actor, key, call, newKey };
}
