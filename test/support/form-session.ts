import type { Hono } from "hono";

import { systemActor } from "../../src/access/audit/audit.ts";
import type { AppEnv } from "../../src/access/context.ts";
import { createUser } from "../../src/access/people/store.ts";
import { type AppOptions, createApp } from "../../src/server/app.ts";
import { testDeps } from "./api.ts";
import { testDatabase } from "./database.ts";
import { externalPostgres } from "./external-postgres.ts";
import { startServer } from "./installation.ts";
import { createMake } from "./make.ts";
import { person } from "./pages.ts";
import { temporaryFolder } from "./processes.ts";

type Fields = Record<string, string | string[] | File>;

interface Answer {
  status: number;
  location: string | null;
  html: string;
  headers: Headers;
}

/** A browser without a window, on the app in this process. */
export async function startSession(role: "admin" | "member" = "admin", options: AppOptions = {}) {
  const database = await testDatabase();
  const make = createMake(database);
  const app: Hono<AppEnv> = createApp(testDeps(database), options);
  const user = await createUser(database, systemActor, { ...person, role });
  const workspace = await make.workspace({ createdBy: user.id, name: "Payments" });
  const forms = await signedIn(async (path, init) => app.request(path, init));
  return { app, database, make, user, workspace, ...forms };
}

export type Session = Awaited<ReturnType<typeof startSession>>;

/** A browser without a window, on the real program. `stopEverything` ends it. */
export async function startServedSession(role: "admin" | "member" = "admin") {
  const postgres = await externalPostgres();
  const { database } = postgres;
  const make = createMake(database);
  const user = await createUser(database, systemActor, { ...person, role });
  const workspace = await make.workspace({ createdBy: user.id, name: "Payments" });
  const where = ["--database-url", postgres.url, "--data-dir", temporaryFolder()];
  const { address } = await startServer(["--port", "0", ...where]);
  /** As anybody, without the session. */
  const visit: Send = (path, init) => fetch(`${address}${path}`, { redirect: "manual", ...init });
  return { address, visit, database, make, user, workspace, ...(await signedIn(visit)) };
}

export type ServedSession = Awaited<ReturnType<typeof startServedSession>>;

type Send = (path: string, init?: RequestInit) => Promise<Response>;

/** Follows the cookie, fills in the token of forms. */
async function signedIn(request: Send) {
  let cookie = "";
  let csrf = "";

  type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };
  const send = async (path: string, init: Init): Promise<Answer> => {
    const response = await request(path, {
      ...init,
      headers: { ...init.headers, cookie, accept: "text/html" },
    });
    const set = response.headers.get("set-cookie");
    if (set) cookie = set.split(";")[0] ?? "";
    const html = await response.text();
    csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? csrf;
    return {
      status: response.status,
      location: response.headers.get("location"),
      html,
      headers: response.headers,
    };
  };
  const get = (path: string) => send(path, {});
  const post = (path: string, fields: Fields = {}, token = csrf) => {
    const body = new FormData();
    body.set("csrf", token);
    for (const [name, value] of Object.entries(fields)) {
      for (const each of Array.isArray(value) ? value : [value]) body.append(name, each);
    }
    return send(path, { method: "POST", body });
  };
  /** As a browser sends it: with its length, which `app.request` leaves out. */
  const postSized = async (path: string, fields: Record<string, string | File> = {}) => {
    const body = new FormData();
    body.set("csrf", csrf);
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    const encoded = new Response(body);
    const bytes = await encoded.arrayBuffer();
    const type = encoded.headers.get("content-type") ?? "";
    const headers = { "content-type": type, "content-length": String(bytes.byteLength) };
    return send(path, { method: "POST", body: bytes, headers });
  };
  await post("/sign-in", { email: person.email, password: person.password });
  await get("/");
  return { get, post, postSized };
}
