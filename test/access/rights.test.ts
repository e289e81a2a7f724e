import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { workspaceMembers } from "../../db/schema.ts";
import { CSRF_FIELD, csrfTokenOf } from "../../src/access/csrf.ts";
import { createSession } from "../../src/access/store.ts";
import type { WorkspaceRole } from "../../src/access/workspace-rights.ts";
import { type TestApi, testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

/** What somebody is in a private workspace; the team's admin is no member of it, and rules it all the same. */
const people = ["stranger", "viewer", "editor", "admin", "team admin"] as const;
type Who = (typeof people)[number];
const rank: Record<Who, number> = { stranger: 0, viewer: 1, editor: 2, admin: 3, "team admin": 4 };
/** The least that may do it. */
const least = { viewer: 1, editor: 2, admin: 3, "team admin": 4 };

let api: TestApi;
let keys: Record<Who, string>;
let cookies: Record<Who, { cookie: string; csrf: string }>;
let userIds: Record<Who, number>;

beforeAll(async () => {
  api = await testApi();
  const entries = await Promise.all(
    people.map(async (who) => {
      const { key, actor } = await api.newKey({ role: who === "team admin" ? "admin" : "member" });
      const token = await createSession(api.database, actor.userId);
      const browser = { cookie: `sallyport_session=${token}`, csrf: csrfTokenOf(token) };
      return { who, key, browser, userId: actor.userId };
    }),
  );
  // Every one of the people is in the list.
  const each = <T>(pick: (entry: (typeof entries)[number]) => T) =>
    Object.fromEntries(entries.map((entry) => [entry.who, pick(entry)])) as Record<Who, T>;
  keys = each((entry) => entry.key);
  cookies = each((entry) => entry.browser);
  userIds = each((entry) => entry.userId);
});

/** A private workspace with one of everything, and the three that are in it. */
async function makeWorld() {
  const { make, database } = api;
  const { id: workspace, createdBy: ownerId } = await make.workspace({ visibility: "private" });
  for (const role of ["viewer", "editor", "admin"] satisfies WorkspaceRole[]) {
    await database.db
      .insert(workspaceMembers)
      .values({ workspaceId: workspace, userId: userIds[role], role });
  }
  const owned = { workspaceId: workspace, ownerId };
  const { id: collection } = await make.collection(owned);
  const { id: environment } = await make.environment(owned);
  const { id: monitor } = await make.monitor({ ...owned, collectionId: collection });
  const { id: execution } = await make.execution({ monitorId: monitor });
  const { id: run } = await make.run({ monitorId: monitor, executionId: execution });
  const { id: runner } = await make.runner({ visibility: "selected", name: `Runner of ${workspace}` });
  await database.sql`insert into runner_workspaces (runner_id, workspace_id) values (${runner}, ${workspace})`;
  const somebody = String((await make.user()).id);
  return { workspace, collection, environment, monitor, execution, run, runner, somebody };
}
type World = Awaited<ReturnType<typeof makeWorld>>;

const fill = (text: string, world: World): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: keyof World) => world[name]);

type Case = [method: string, path: string, needed: keyof typeof least, body?: Record<string, unknown>];

const schedule = { cron: "0 * * * *", timezone: "UTC" };

const endpoints: Case[] = [
  ["GET", "/workspaces/{workspace}", "viewer"],
  ["PUT", "/workspaces/{workspace}", "admin", { workspace: { about: "new" } }],
  ["DELETE", "/workspaces/{workspace}", "admin"],
  ["GET", "/workspaces/{workspace}/roles", "viewer"],
  [
    "PATCH",
    "/workspaces/{workspace}/roles",
    "admin",
    { roles: [{ op: "add", path: "/user", value: [{ id: "{somebody}", role: "1" }] }] },
  ],
  ["GET", "/workspaces/{workspace}/tags", "viewer"],
  ["PUT", "/workspaces/{workspace}/tags", "editor", { tags: ["some"] }],
  ["GET", "/workspaces/{workspace}/activities", "viewer"],
  ["GET", "/workspaces/{workspace}/updates", "viewer"],
  [
    "POST",
    "/workspaces/{workspace}/updates",
    "editor",
    { topic: "New", description: "Text", category: "announcement" },
  ],
  [
    "POST",
    "/workspaces/{workspace}/element-transfers",
    "editor",
    { id: "{collection}", type: "collection", to: "{workspace}" },
  ],
  ["GET", "/workspaces/{workspace}/global-variables", "viewer"],
  ["PUT", "/workspaces/{workspace}/global-variables", "editor", { values: [] }],
  ["GET", "/collections/{collection}", "viewer"],
  ["DELETE", "/collections/{collection}", "editor"],
  ["GET", "/environments/{environment}", "viewer"],
  ["DELETE", "/environments/{environment}", "editor"],
  ["GET", "/monitors?workspace={workspace}", "viewer"],
  [
    "POST",
    "/monitors?workspace={workspace}",
    "editor",
    { monitor: { name: "New", collection: "{collection}", schedule } },
  ],
  // Without a workspace it goes to the collection's.
  ["POST", "/monitors", "editor", { monitor: { name: "New", collection: "{collection}", schedule } }],
  ["GET", "/monitors/{monitor}", "viewer"],
  ["PUT", "/monitors/{monitor}", "editor", { monitor: { active: false } }],
  ["DELETE", "/monitors/{monitor}", "editor"],
  ["POST", "/monitors/{monitor}/run?async=true", "editor"],
  ["GET", "/monitors/{monitor}/executions", "viewer"],
  ["GET", "/monitors/{monitor}/executions/{execution}/runs", "viewer"],
  ["PUT", "/monitors/{monitor}/executions/{execution}/cancellation", "editor"],
  ["GET", "/monitors/{monitor}/runs/{run}/results", "viewer"],
  ["GET", "/monitors/{monitor}/slots", "viewer"],
  ["GET", "/runs/{run}", "viewer"],
  ["GET", "/runs/{run}/events", "viewer"],
  ["GET", "/runners?workspace={workspace}", "viewer"],
  ["GET", "/runners/{runner}", "viewer"],
  ["GET", "/runners/{runner}/instances", "viewer"],
  ["GET", "/runners/{runner}/metrics", "viewer"],
  ["POST", "/runners", "team admin", { runner: { name: "New" } }],
  ["PUT", "/runners/{runner}", "team admin", { runner: { name: "New" } }],
  ["POST", "/runners/{runner}/reset-key", "team admin"],
  ["POST", "/runners/{runner}/drain", "team admin"],
  ["DELETE", "/runners/{runner}", "team admin"],
];

const document = {
  info: { name: "C", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [],
};

const pages: Case[] = [
  ["GET", "/workspaces/{workspace}", "viewer"],
  ["POST", "/workspaces/{workspace}", "admin", { name: "New", type: "private" }],
  ["POST", "/workspaces/{workspace}/members", "admin", { user: "{somebody}", role: "viewer" }],
  ["GET", "/workspaces/{workspace}/delete", "admin"],
  ["POST", "/workspaces/{workspace}/delete", "admin"],
  ["GET", "/monitors/{monitor}", "viewer"],
  ["GET", "/monitors/{monitor}/edit", "editor"],
  ["POST", "/monitors", "editor", { name: "New", collection: "{collection}", schedule: "none" }],
  ["POST", "/collections", "editor", { workspace: "{workspace}", text: JSON.stringify(document) }],
  ["POST", "/environments", "editor", { workspace: "{workspace}", text: '{"name":"E","values":[]}' }],
  ["GET", "/monitors/{monitor}/delete", "editor"],
  ["POST", "/monitors/{monitor}/pause", "editor"],
  ["POST", "/monitors/{monitor}/run", "editor"],
  ["POST", "/monitors/{monitor}/delete", "editor"],
  ["GET", "/runs/{run}", "viewer"],
  ["POST", "/runs/{run}/cancel", "editor"],
  ["GET", "/collections/{collection}", "viewer"],
  ["GET", "/collections/{collection}/delete", "editor"],
  ["POST", "/collections/{collection}/delete", "editor"],
  ["GET", "/environments/{environment}", "viewer"],
  ["POST", "/environments/{environment}/delete", "editor"],
  ["GET", "/globals/{workspace}", "viewer"],
  ["POST", "/globals/{workspace}", "editor", { key: "host", value: "x" }],
  ["POST", "/globals/{workspace}/remove", "editor", { key: "host" }],
  ["GET", "/runners/{runner}", "viewer"],
  ["GET", "/runners/new", "team admin"],
  ["POST", "/runners", "team admin", { name: "New" }],
  ["GET", "/runners/{runner}/reset-key", "team admin"],
  ["POST", "/runners/{runner}/reset-key", "team admin"],
  ["POST", "/runners/{runner}/drain", "team admin"],
  ["POST", "/runners/{runner}/delete", "team admin"],
];

const crossed = (cases: Case[]) =>
  cases.flatMap(([method, path, needed, body]) =>
    people.map((who) => ({ who, method, path, needed, body, may: rank[who] >= least[needed] })),
  );

describe("an endpoint", () => {
  test.each(crossed(endpoints))("$method $path by $who: $may", async ({ who, method, path, body, may }) => {
    const world = await makeWorld();
    const sent = body === undefined ? undefined : fill(JSON.stringify(body), world);

    const answer = await api.call(method, fill(path, world), sent, { "x-api-key": keys[who] });

    expect(answer.status).toBe(may ? 200 : 403);
    if (!may) expect(answer.body).toEqual({ error: { name: "forbiddenError", message: expect.any(String) } });
  });
});

describe("a page", () => {
  test.each(crossed(pages))("$method $path by $who: $may", async ({ who, method, path, body, may }) => {
    const world = await makeWorld();
    const { cookie, csrf } = cookies[who];
    const form = new URLSearchParams({ [CSRF_FIELD]: csrf });
    for (const [field, value] of Object.entries(body ?? {})) form.set(field, fill(String(value), world));

    const { status } = await api.app.request(fill(path, world), {
      method,
      headers: { cookie, accept: "text/html" },
      ...(method === "POST" && { body: form }),
    });

    if (may) expect([200, 303]).toContain(status);
    else expect(status).toBe(403);
  });
});

describe("a way to change something", () => {
  test.each([
    "/monitors/{monitor}",
    "/runs/{run}",
    "/collections/{collection}",
    "/environments/{environment}",
    "/globals/{workspace}",
    "/workspaces/{workspace}",
  ])("on %s is shown to whoever may take it", async (path) => {
    const world = await makeWorld();
    await api.database.sql`
      insert into globals (workspace_id, values, updated_by)
      values (${world.workspace}, '[{"key":"host","value":"x"}]', ${userIds.admin})`;

    const shown = (["viewer", "admin"] as const).map(async (who) => {
      const headers = { cookie: cookies[who].cookie, accept: "text/html" };
      const html = await (await api.app.request(fill(path, world), { headers })).text();
      const ways = html.match(
        /(method="post" action|href)="\/(monitors|runs|collections|environments|globals|workspaces)\/[^"]+"/g,
      );
      return (
        (ways ?? []).filter((way) => way.startsWith("method") || /\/(edit|delete)"$/.test(way)).length > 0
      );
    });

    expect(await Promise.all(shown)).toEqual([false, true]);
  });
});

describe("a list", () => {
  const seenIn = async (who: Who, path: string, id: string): Promise<boolean> => {
    const { body } = await api.call("GET", path, undefined, { "x-api-key": keys[who] });
    return JSON.stringify(body).includes(id);
  };

  test.each([
    ["/workspaces", "workspace"],
    ["/monitors?limit=25&collectionUid={collection}", "monitor"],
    ["/runners", "runner"],
  ] as const)("of %s holds what the reader may see, and no more", async (path, kind) => {
    const world = await makeWorld();

    const readers = people.map((who) => seenIn(who, fill(path, world), world[kind]));

    expect(await Promise.all(readers)).toEqual([false, true, true, true, true]);
  });

  test.each([
    ["/", "monitor"],
    ["/collections", "collection"],
    ["/environments", "environment"],
    ["/runners?q={workspace}", "runner"],
  ] as const)("on the page %s does the same", async (path, kind) => {
    const world = await makeWorld();

    const seen = people.map(async (who) => {
      const headers = { cookie: cookies[who].cookie, accept: "text/html" };
      const { pathname, searchParams } = new URL(fill(path, world), "http://localhost");
      searchParams.set("workspace", world.workspace);
      const html = await (
        await api.app.request(`${pathname}?${searchParams.toString()}`, { headers })
      ).text();
      return html.includes(world[kind]);
    });

    expect(await Promise.all(seen)).toEqual([false, true, true, true, true]);
  });

  test("of a workspace that the reader may not see is refused, not empty", async () => {
    const { workspace } = await makeWorld();

    const { status } = await api.call("GET", `/monitors?workspace=${workspace}`, undefined, {
      "x-api-key": keys.stranger,
    });

    expect(status).toBe(403);
  });

  test("of runners does not name the workspaces that the reader may not see", async () => {
    const world = await makeWorld();
    const other = await api.make.workspace({ visibility: "private", name: "Secret plans" });
    await api.database
      .sql`insert into runner_workspaces (runner_id, workspace_id) values (${world.runner}, ${other.id})`;

    const { body } = await api.call("GET", `/runners/${world.runner}`, undefined, {
      "x-api-key": keys.viewer,
    });

    expect(body.runner.workspaces).toEqual([world.workspace]);
  });
});

describe("visibility", () => {
  const statusesOf = async (visibility: string) => {
    const { id } = await api.make.workspace({ visibility });
    const headers = { "x-api-key": keys.stranger };
    const read = await api.call("GET", `/workspaces/${id}`, undefined, headers);
    const write = await api.call(
      "POST",
      `/environments?workspace=${id}`,
      { environment: { name: "e" } },
      headers,
    );
    const rule = await api.call("DELETE", `/workspaces/${id}`, undefined, headers);
    return [read.status, write.status, rule.status];
  };

  test.each([
    ["team", [200, 200, 403]],
    ["public", [200, 403, 403]],
    ["private", [403, 403, 403]],
    ["personal", [403, 403, 403]],
    ["partner", [403, 403, 403]],
  ])("%s: who is no member reads, changes and rules: %p", async (visibility, statuses) => {
    expect(await statusesOf(visibility)).toEqual(statuses);
  });

  test("a role of one's own goes before the one that everybody has", async () => {
    const { id: workspaceId } = await api.make.workspace({ visibility: "team" });
    await api.database.db
      .insert(workspaceMembers)
      .values({ workspaceId, userId: userIds.viewer, role: "viewer" });

    const { status } = await api.call(
      "POST",
      `/environments?workspace=${workspaceId}`,
      { environment: { name: "e" } },
      { "x-api-key": keys.viewer },
    );

    expect(status).toBe(403);
  });

  test("whoever makes a workspace rules it, and nobody else sees it when it is personal", async () => {
    const headers = { "x-api-key": keys.stranger };
    const made = await api.call(
      "POST",
      "/workspaces",
      { workspace: { name: "Mine", type: "personal" } },
      headers,
    );
    const path = `/workspaces/${made.body.workspace.id}`;

    const other = await api.call("GET", path, undefined, { "x-api-key": keys.editor });
    const own = await api.call("PUT", path, { workspace: { about: "mine" } }, headers);

    expect([made.status, other.status, own.status]).toEqual([200, 403, 200]);
  });

  test("something new without a workspace goes to one that its maker may change", async () => {
    const lonely = await api.newKey({ role: "member" });
    const { id } = await api.make.workspace({ visibility: "private" });
    await api.database.db
      .insert(workspaceMembers)
      .values({ workspaceId: id, userId: lonely.actor.userId, role: "viewer" });
    await api.database.sql`update workspaces set visibility = 'private' where visibility = 'team'`;
    const headers = { "x-api-key": lonely.key };

    const refused = await api.call("POST", "/environments", { environment: { name: "e" } }, headers);
    await api.database
      .sql`update workspace_members set role = 'editor' where user_id = ${lonely.actor.userId}`;
    const taken = await api.call("POST", "/environments", { environment: { name: "e" } }, headers);

    expect([refused.status, taken.status]).toEqual([400, 200]);
  });
});
