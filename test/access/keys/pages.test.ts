import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { startCallLog } from "../../../src/access/keys/calls.ts";
import { createApiKey } from "../../../src/access/keys/store.ts";
import { silentLog } from "../../support/database.ts";
import { type Session, startSession } from "../../support/form-session.ts";

// Starting Postgres takes its time on a busy machine, and Argon2 is slow on purpose.
setDefaultTimeout(120_000);

let session: Session;
beforeAll(async () => {
  session = await startSession();
});

/** Makes a key by the form; its id and the key itself. */
async function makeKey(fields: Record<string, string | string[]>) {
  const { status, html } = await session.post("/keys", { expires: "90", ...fields });
  const [key = ""] = /PMAK-[0-9a-f]+-[0-9a-f]+/.exec(html) ?? [];
  const [row] = await session.database.sql`select id from api_keys where name = ${String(fields["name"])}`;
  return { status, html, key, id: String(row?.["id"]) };
}

test("checkboxes narrow a key, and without them it may do all", async () => {
  const narrow = await makeKey({
    name: "narrow",
    rights: "some",
    scopes: ["collections:read", "runs:write"],
  });
  const full = await makeKey({ name: "full", rights: "all", scopes: ["collections:read"] });
  const rows = await session.database.sql`select name, scopes from api_keys where name in ('narrow', 'full')`;

  expect([narrow.status, full.status]).toEqual([200, 200]);
  expect(Object.fromEntries(rows.map(({ name, scopes }) => [name, scopes]))).toEqual({
    narrow: ["collections:read", "runs:write"],
    full: null,
  });
});

test("a key narrowed to nothing is refused, and what was filled in stays", async () => {
  const { status, html } = await makeKey({ name: "useless", rights: "some" });

  expect(status).toBe(400);
  expect(html).toContain("Check at least one");
  expect(html).toContain('value="useless"');
});

test("a key's page renames it and shows what it did", async () => {
  const { id, key } = await makeKey({ name: "to be renamed" });
  await session.app.request("/api/me", { headers: { "x-api-key": key, "user-agent": "curl/8" } });
  await session.app.request("/api/runners", { method: "POST", headers: { "x-api-key": `${key}x` } });

  const renamed = await session.post(`/keys/${id}`, { name: "deploys" });
  const nameless = await session.post(`/keys/${id}`, { name: " " });
  // Written at once; the app itself takes half a second.
  const log = startCallLog({ database: session.database, log: silentLog });
  log.record({
    keyId: id,
    userId: null,
    method: "GET",
    route: "/x",
    path: "/x",
    address: "192.0.2.1",
    userAgent: "<script>",
    rule: "scope:runs:read",
    status: 403,
  });
  await log.stop();
  const { html } = await session.get(`/keys/${id}?decision=denied`);

  expect([renamed.status, renamed.location, nameless.status]).toEqual([303, `/keys/${id}`, 400]);
  expect(html).toContain("deploys");
  expect(html).toContain("denied: scope:runs:read");
  expect(html).toContain("&lt;script&gt;");
  expect(html).not.toContain("/me");
});

test("admins see everybody's keys and calls of keys that nobody knows; members see neither", async () => {
  const other = await session.make.user();
  const actor = {
    userId: other.id,
    email: other.email,
    name: "",
    role: "member",
    via: "cli",
    scopes: null,
  } as const;
  const { id } = await createApiKey(session.database, actor, { userId: other.id, name: "theirs" });
  const everybody = await session.get("/keys?of=all");
  const own = await session.get("/keys");
  const ofOther = await session.get(`/keys/${id}`);
  const unknown = await session.get("/keys/unknown");
  await session.database.sql`update users set role = 'member' where id = ${session.user.id}`;
  const asMember = {
    all: (await session.get("/keys?of=all")).html.includes("theirs"),
    other: (await session.get(`/keys/${id}`)).status,
    unknown: (await session.get("/keys/unknown")).status,
    audit: (await session.get("/audit")).status,
    revoke: (await session.post(`/keys/${id}/revoke`)).status,
  };
  await session.database.sql`update users set role = 'admin' where id = ${session.user.id}`;

  expect(everybody.html).toContain(other.email);
  expect(own.html).not.toContain("theirs");
  expect([ofOther.status, unknown.status]).toEqual([200, 200]);
  expect(asMember).toEqual({ all: false, other: 403, unknown: 403, audit: 403, revoke: 403 });
});

test("the audit trail shows who did what, before and after, and filters it", async () => {
  const { id } = await makeKey({ name: "audited" });
  await session.post(`/keys/${id}`, { name: "audited twice" });

  const all = await session.get("/audit");
  const renamed = await session.get(`/audit?action=api_key.renamed&userId=${session.user.id}&since=&until=`);
  const none = await session.get("/audit?until=2020-01-01");
  const wrong = await session.get("/audit?since=yesterday");

  expect(all.html).toContain("API key: created");
  expect(renamed.html).toContain("audited twice");
  expect(all.html).toMatch(/data-label="What">API key: created/);
  expect(renamed.html).not.toMatch(/data-label="What">API key: created/);
  expect(none.html).toContain("Nothing found");
  expect([wrong.status, wrong.html.includes("must be a date such as")]).toEqual([400, true]);
});
