import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { eq } from "drizzle-orm";

import * as schema from "../../db/schema.ts";
import { hashSecret } from "../../src/lib/ids.ts";
import { externalPostgres } from "../support/external-postgres.ts";
import { type ServedSession, startServedSession } from "../support/form-session.ts";
import { startApp, stopEverything, temporaryFolder } from "../support/processes.ts";

// Starting Postgres takes its time on a busy machine, and Argon2 is slow on purpose.
setDefaultTimeout(120_000);

let session: ServedSession;
beforeAll(async () => {
  session = await startServedSession();
});
afterAll(stopEverything);

const collection = {
  info: { name: "Orders", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    { name: "Shop", item: [{ name: "Create order", request: { method: "POST", url: "{{base}}/orders" } }] },
    { name: "Ping", request: "{{base}}/ping" },
  ],
};
const asFile = (document: unknown, name = "orders.json") =>
  new File([typeof document === "string" ? document : JSON.stringify(document)], name, {
    type: "application/json",
  });

async function uploadCollection({ post }: ServedSession): Promise<string> {
  const { location } = await post("/collections", { file: asFile(collection) });
  return location?.replace("/collections/", "") ?? "";
}

test("without a session every page asks to sign in, and every change is refused", async () => {
  const paths = ["/", "/monitors/new", "/runners", "/runners/new", "/collections", "/environments", "/keys"];

  for (const path of paths) {
    const page = await session.visit(path, { headers: { accept: "text/html" } });
    const change = await session.visit(path, { method: "POST", body: new FormData() });
    expect([path, page.status]).toEqual([path, 302]);
    expect(page.headers.get("location")).toBe(`/sign-in?next=${encodeURIComponent(path)}`);
    expect([path, change.status]).toEqual([path, 401]);
  }
});

test("a form without its token changes nothing", async () => {
  const { status } = await session.post("/collections", { file: asFile(collection) }, "made up");

  const stored = await session.database.db.select().from(schema.collections);
  expect(status).toBe(403);
  expect(stored).toEqual([]);
});

test("a collection comes in as a file and shows folders, requests and methods", async () => {
  const id = await uploadCollection(session);

  const { html } = await session.get(`/collections/${id}`);

  expect(html).toContain("2 requests");
  expect(html).toContain("Shop");
  expect(html).toContain("{{base}}/ping");
  const [contents = ""] = /\/collections\/[^"]+\/contents/.exec(html) ?? [];
  expect((await session.get(contents)).html).toContain(`<span class="method post">POST</span>`);
});

test("a collection comes in pasted, and in the envelope of the API", async () => {
  const { status, location } = await session.post("/collections", { text: JSON.stringify({ collection }) });

  expect(status).toBe(303);
  expect(location).toMatch(/^\/collections\/[0-9a-f-]{36}$/);
});

test.each([
  ["", "Choose a file or paste a document."],
  ["{not json", "The document is not JSON: line 1, column 6"],
  ["[1]", "is neither a collection nor an environment"],
  ['{"openapi":"3.1.0"}', "The document is an OpenAPI document that cannot be converted"],
  ['{"requests":[],"order":[]}', "must have required property &#39;name&#39;"],
])("the upload %p is refused on the same form: %p", async (text, sentence) => {
  const { status, html } = await session.post("/collections", { text });

  expect(status).toBe(400);
  expect(html).toContain(sentence);
  if (text !== "") expect(html).toContain(Bun.escapeHTML(text).replaceAll("&#x27;", "&#39;"));
});

test("the first upload of an installation without a workspace makes one", async () => {
  const fresh = await startServedSession();
  await fresh.database.db.delete(schema.workspaces);

  const { status } = await fresh.post("/collections", { file: asFile(collection) });

  expect(status).toBe(303);
  expect(await fresh.database.db.select().from(schema.workspaces)).toHaveLength(1);
});

test("an environment shows its variables, of secrets only the name", async () => {
  const values = [
    { key: "base", value: "http://orders.internal", enabled: true },
    { key: "token", value: "s3cret-value", type: "secret" },
  ];
  const { location } = await session.post("/environments", { file: asFile({ name: "Production", values }) });

  const { html } = await session.get(location ?? "");

  expect(html).toContain("http://orders.internal");
  expect(html).toContain("token");
  expect(html).not.toContain("s3cret-value");
});

test("a monitor is made from the form, on any runner, and its page opens", async () => {
  const collectionId = await uploadCollection(session);
  const { location } = await session.post("/monitors", {
    name: "Orders API",
    collection: collectionId,
    schedule: "custom",
    cron: "*/10 8-18 * * 1-5",
    timezone: "Europe/Berlin",
    placement: "any",
  });

  const { status, html } = await session.get(location ?? "");

  expect(status).toBe(200);
  expect(html).toContain("Orders API");
  expect(html).toContain("Cron */10 8-18 * * 1-5 (Europe/Berlin)");
  expect(html).toContain("any runner");
});

test.each([
  [{ name: "" }, "Give the monitor a name."],
  [{ schedule: "custom", cron: "61 * * * *" }, "Invalid cron pattern"],
  [{ schedule: "custom", cron: "0 0 31 2 *" }, "never fires"],
  [{ timezone: "Mars/Olympus" }, "time zone &quot;Mars/Olympus&quot; is unknown"],
  [{ placement: "pick" }, "Choose at least one runner"],
  [{ placement: "new" }, "Give the new runner a name."],
  [{ collection: "" }, "must be an id"],
])("a monitor with %j is refused on the form: %p", async (change, sentence) => {
  const collectionId = await uploadCollection(session);
  const fields = {
    name: "Kept name",
    collection: collectionId,
    schedule: "0 * * * *",
    placement: "any",
    ...change,
  };
  const before = await session.database.db.select().from(schema.monitors);

  const { status, html } = await session.post("/monitors", fields);

  const after = await session.database.db.select().from(schema.monitors);
  expect(status).toBe(400);
  expect(html).toContain(sentence);
  if (fields.name !== "") expect(html).toContain(`value="Kept name"`);
  expect(after).toHaveLength(before.length);
});

test("the next three runs are shown on request, nothing is saved", async () => {
  const collectionId = await uploadCollection(session);

  const { status, html } = await session.post("/monitors", {
    name: "Looked at only",
    collection: collectionId,
    schedule: "0 9 * * *",
    timezone: "UTC",
    preview: "yes",
  });

  const saved = await session.database.db
    .select()
    .from(schema.monitors)
    .where(eq(schema.monitors.name, "Looked at only"));
  expect(status).toBe(200);
  expect(html.match(/ 09:00:00 UTC<\/time>/g)).toHaveLength(3);
  expect(saved).toEqual([]);
});

test("a runner made on the spot gets the monitor, and its command is shown once", async () => {
  const collectionId = await uploadCollection(session);

  const { html, headers } = await session.post("/monitors", {
    name: "With its own runner",
    collection: collectionId,
    schedule: "0 * * * *",
    placement: "new",
    newRunnerName: "oslo-1",
  });

  const [, runnerId = "", key = ""] = /--id ([0-9a-f-]{36}) --key (sprk_[\w-]+)/.exec(html) ?? [];
  const [runner] = await session.database.db
    .select()
    .from(schema.runners)
    .where(eq(schema.runners.id, runnerId));
  const bound = await session.database.db
    .select()
    .from(schema.monitorRunners)
    .where(eq(schema.monitorRunners.runnerId, runnerId));
  expect(runner?.keyHash).toBe(hashSecret(key));
  expect(bound).toHaveLength(1);
  expect(headers.get("cache-control")).toBe("no-store");
  expect((await session.get(`/runners/${runnerId}`)).html).not.toContain(key);
});

test("when the monitor is refused, no runner stays behind", async () => {
  const before = await session.database.db.select().from(schema.runners);

  const { status } = await session.post("/monitors", {
    name: "Without a collection",
    collection: "00000000-0000-4000-8000-000000000000",
    schedule: "0 * * * *",
    placement: "new",
    newRunnerName: "left-behind",
  });

  expect(status).toBe(400);
  expect(await session.database.db.select().from(schema.runners)).toHaveLength(before.length);
});

test("editing changes name, schedule and runners, and keeps the collection", async () => {
  const collectionId = await uploadCollection(session);
  const runner = await session.make.runner({ createdBy: session.user.id });
  const made = await session.post("/monitors", {
    name: "Before",
    collection: collectionId,
    schedule: "0 * * * *",
    placement: "any",
  });
  const path = made.location ?? "";

  const { status } = await session.post(path, {
    name: "After",
    schedule: "none",
    placement: "pick",
    runners: [runner.id],
  });

  const { html } = await session.get(`${path}/edit`);
  expect(status).toBe(303);
  expect(html).toContain(`value="After"`);
  expect(html).toContain(`<option value="none" selected="">`);
  expect(html).toMatch(new RegExp(`value="${runner.id}" checked=""`));
  expect(html).toContain("Runs Orders");
});

test("pausing empties the next run, resuming sets it again", async () => {
  const collectionId = await uploadCollection(session);
  const made = await session.post("/monitors", {
    name: "Paused",
    collection: collectionId,
    schedule: "0 * * * *",
  });
  const path = made.location ?? "";
  const stored = async () => {
    const [row] = await session.database.db
      .select()
      .from(schema.monitors)
      .where(eq(schema.monitors.name, "Paused"));
    return { active: row?.active, isPlanned: row?.nextRunAt !== null };
  };

  await session.post(`${path}/pause`);
  const paused = await stored();
  await session.post(`${path}/resume`);

  expect(paused).toEqual({ active: false, isPlanned: false });
  expect(await stored()).toEqual({ active: true, isPlanned: true });
});

test("deleting asks first, then deletes", async () => {
  const collectionId = await uploadCollection(session);
  const made = await session.post("/monitors", {
    name: "Doomed",
    collection: collectionId,
    schedule: "none",
  });
  const path = made.location ?? "";

  const asked = await session.get(`${path}/delete`);
  const stillThere = await session.get(path);
  await session.post(`${path}/delete`);

  expect(asked.html).toContain("Delete Doomed?");
  expect(stillThere.status).toBe(200);
  expect((await session.get(path)).status).toBe(404);
});

test.each([
  ["/collections", 21, "at most 20 MB", "Upload a collection"],
  ["/environments", 31, "at most 30 MB", "Upload an environment"],
])(
  "a document too large for %s is answered in the form that it came from",
  async (path, megabytes, limit, heading) => {
    const file = asFile("x".repeat(megabytes * 1024 * 1024));

    const { status, html } = await session.postSized(path, { file });

    expect(status).toBe(413);
    expect(html).toContain(limit);
    expect(html).toContain(heading);
    expect(html).toContain('id="message-file"');
  },
);

test("elsewhere, and without a session, too much is refused without reading it", async () => {
  const body = "x".repeat(2 * 1024 * 1024);
  const headers = { accept: "text/html", "content-length": String(body.length) };

  const stranger = await session.visit("/collections", { method: "POST", body, headers });

  expect(stranger.status).toBe(401);
  expect((await session.postSized("/runners", { name: body })).status).toBe(413);
});

test("a runner's key is reset: the new command is shown, the old key is worth nothing", async () => {
  const runner = await session.make.runner({ createdBy: session.user.id, key: "sprk_old" });

  const { html } = await session.post(`/runners/${runner.id}/reset-key`);

  const [, key = ""] = /--key (sprk_[\w-]+)/.exec(html) ?? [];
  const [stored] = await session.database.db
    .select()
    .from(schema.runners)
    .where(eq(schema.runners.id, runner.id));
  expect(stored?.keyHash).toBe(hashSecret(key));
  expect(stored?.keyHash).not.toBe(hashSecret("sprk_old"));
});

test("a runner for selected workspaces needs one, and says so beside the field", async () => {
  const refused = await session.post("/runners", { name: "paris-2", visibility: "selected" });
  const made = await session.post("/runners", {
    name: "paris-2",
    visibility: "selected",
    workspaces: [session.workspace.id],
  });

  expect(refused.status).toBe(400);
  expect(refused.html).toContain("needs at least one workspace");
  expect(made.html).toContain("app runner start");
});

test("a member sees runners and cannot change them", async () => {
  const member = await startServedSession("member");
  const runner = await member.make.runner();

  const seen = await member.get(`/runners/${runner.id}`);
  const attempts = [
    await member.post("/runners", { name: "mine" }),
    await member.post(`/runners/${runner.id}/reset-key`),
    await member.post(`/runners/${runner.id}/delete`),
  ];

  expect(seen.status).toBe(200);
  expect(attempts.map(({ status }) => status)).toEqual([403, 403, 403]);
});

test("an API key is shown once, listed without its secret, and revoked", async () => {
  const made = await session.post("/keys", { name: "deploy pipeline", expires: "90" });
  const key = /PMAK-[0-9a-f]{24}-[0-9a-f]{34}/.exec(made.html)?.[0] ?? "";
  const id = /\/keys\/([0-9a-f-]{36})\/revoke/.exec(made.html)?.[1];
  const me = () => session.visit("/api/me", { headers: { "x-api-key": key } });

  const before = await me();
  await session.post(`/keys/${id}/revoke`);

  expect(before.status).toBe(200);
  expect((await me()).status).toBe(401);
  expect((await session.get("/keys")).html).not.toContain(key);
  expect(made.headers.get("cache-control")).toBe("no-store");
});

/** A server that nobody has been to, and the set-up link that it prints. */
async function startFresh() {
  const { url } = await externalPostgres();
  const where = ["--database-url", url, "--data-dir", temporaryFolder()];
  const [, link = ""] = await startApp(["serve", "--port", "0", ...where]).find(
    /create the first user: (\S+)/,
  );
  return { link, origin: new URL(link).origin };
}

test("an installation without users says where to begin", async () => {
  const { origin } = await startFresh();

  const html = await (await fetch(`${origin}/sign-in`)).text();

  expect(html).toContain("Open the set-up link");
  expect((await session.get("/sign-in")).location).toBe("/");
});

test("the set-up link makes the first admin and leads to the first visit; later it leads to the sign-in", async () => {
  const { link, origin } = await startFresh();
  const token = new URL(link).searchParams.get("token") ?? "";
  const fields = { token, name: "Grace", email: "grace@example.test" };
  const setUp = (password: string) =>
    fetch(`${origin}/setup`, {
      method: "POST",
      body: new URLSearchParams({ ...fields, password }),
      redirect: "manual",
    });

  const short = await (await setUp("short")).text();
  const made = await setUp("long enough");
  const again = await setUp("long enough");
  const later = await fetch(link, { redirect: "manual" });

  expect(short).toContain("A password needs 8 to 1000 characters.");
  expect(short).toContain("At least 8 characters.");
  expect(short).toContain(`value="grace@example.test"`);
  expect([made.headers.get("location"), again.status]).toEqual(["/start", 400]);
  expect(await again.text()).toContain("used already");
  expect(later.headers.get("location")).toBe("/sign-in");
});
