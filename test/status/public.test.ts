import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { FRESH_MS } from "../../src/status/answers.ts";
import { createIncident } from "../../src/status/incidents-store.ts";
import { listEntries } from "../../src/status/store.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { announceMaintenance, stageStatusPage, type StatusStage } from "../support/status.ts";

setDefaultTimeout(120_000);

let api: TestApi;
let aheadMs = 0;
beforeAll(async () => {
  api = await testApi({ clock: { ...systemClock, now: () => new Date(Date.now() + aheadMs) } });
});

const stage = (options: Parameters<typeof stageStatusPage>[2] = {}) =>
  stageStatusPage(api.database, api.make, options);
const get = (path: string, headers: Record<string, string> = {}) =>
  api.app.request(path, { headers: { accept: "text/html", ...headers } });
const cookieOf = async (userId: number) => ({
  cookie: `${SESSION_COOKIE}=${await createSession(api.database, userId)}`,
});
/** Every address of a page. */
const addressesOf = async ({ page }: StatusStage) => {
  const [entry] = await listEntries(api.database, page.id);
  const path = `/status/${page.slug}`;
  return [
    path,
    `${path}.json`,
    `${path}/history`,
    `${path}/feed.atom`,
    `${path}/badge.svg`,
    `${path}/badge/${entry?.id}.svg`,
  ];
};

describe("a public page", () => {
  test("is read without a session, and sets no cookie", async () => {
    const staged = await stage();

    for (const address of await addressesOf(staged)) {
      const response = await get(address);

      expect([address, response.status]).toEqual([address, 200]);
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    }
  });

  test("tells shown names only: no name, error or address from inside", async () => {
    const staged = await stage({ monitor: { state: "failed", stateSince: new Date() } });
    await announceMaintenance(api.database, staged, {
      startsAt: new Date(Date.now() + 3_600_000),
      endsAt: new Date(Date.now() + 7_200_000),
    });
    await createIncident(api.database, staged.actor, staged.page, {
      title: "Orders are slow",
      state: "identified",
      message: "We are on it.",
      monitors: [staged.monitorId],
    });
    const secrets = ["internal", staged.monitorId, staged.workspaceId, staged.page.id, "failingMonitor"];

    for (const address of await addressesOf(staged)) {
      const text = await (await get(address)).text();

      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    }
    const page = await (await get(`/status/${staged.page.slug}`)).text();
    expect(page).toContain("Ordering");
    expect(page).toContain("Orders are slow");
    expect(page).toContain("Planned");
  });

  test("asks search engines not to list it unless they may", async () => {
    const hidden = await stage();
    const listed = await stage({ page: { indexed: true } });

    expect(await (await get(`/status/${hidden.page.slug}`)).text()).toContain(
      'name="robots" content="noindex"',
    );
    expect(await (await get(`/status/${listed.page.slug}`)).text()).not.toContain("noindex");
  });

  test("is answered with 304 to who has it, and packed to who takes that", async () => {
    const { page } = await stage();
    const path = `/status/${page.slug}`;
    const first = await get(path);
    const etag = first.headers.get("etag") ?? "";

    const again = await get(path, { "if-none-match": etag });
    const packed = await get(path, { "accept-encoding": "gzip" });

    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(Bun.gunzipSync(await packed.arrayBuffer()).length).toBe((await first.bytes()).length);
  });

  test("costs a crowd one reading, and is read anew after a few seconds", async () => {
    const staged = await stage();
    const path = `/status/${staged.page.slug}.json`;
    const tone = async () => /"tone":"(\w+)"/.exec(await (await get(path)).text())?.[1];
    const before = await tone();
    await api.database.sql`update monitors set state = 'failed' where id = ${staged.monitorId}`;

    const crowd = await Promise.all(Array.from({ length: 50 }, tone));
    aheadMs += FRESH_MS + 1;
    const later = await tone();

    expect([before, [...new Set(crowd)], later]).toEqual(["pass", ["pass"], "fail"]);
  });

  test("lets badges be kept for a minute and shown by other sites", async () => {
    const { page } = await stage();

    const { headers } = await get(`/status/${page.slug}/badge.svg`);

    expect(headers.get("content-type")).toContain("image/svg+xml");
    expect(headers.get("cache-control")).toBe("public, max-age=60");
    expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  });

  test("answers the part that is refreshed without the frame around it", async () => {
    const { page } = await stage();

    const part = await (await get(`/status/${page.slug}`, { "hx-request": "true" })).text();

    expect(part).toStartWith('<div id="status"');
    expect(part).not.toContain("<html");
  });

  test("has no badge of what is not on it, and no page of history without end", async () => {
    const [one, other] = [await stage(), await stage()];
    const [foreign] = await listEntries(api.database, other.page.id);

    for (const rest of [
      `/badge/${foreign?.id}.svg`,
      "/badge/x.svg",
      "/history?page=0",
      "/history?page=1e9",
    ]) {
      expect([rest, (await get(`/status/${one.page.slug}${rest}`)).status]).toEqual([rest, 404]);
    }
  });
});

describe("a private page", () => {
  test("looks to a stranger like one that is not there", async () => {
    const staged = await stage({ page: { visibility: "private" } });

    for (const address of await addressesOf(staged)) {
      const [hidden, absent] = [
        await get(address),
        await get(address.replace(staged.page.slug, "nothing-here")),
      ];

      expect([hidden.status, absent.status]).toEqual([302, 302]);
      expect(hidden.headers.get("location")).toStartWith("/sign-in?next=");
      expect(await hidden.text()).toBe(await absent.text());
    }
  });

  test("is read by people with a role in its workspace, and by nobody else", async () => {
    const staged = await stage({ page: { visibility: "private" } });
    const [viewer, outsider] = [await api.make.user(), await api.make.user()];
    await api.database.sql`
      insert into workspace_members (workspace_id, user_id, role) values (${staged.workspaceId}, ${viewer.id}, 'viewer')`;

    for (const address of await addressesOf(staged)) {
      const seen = await get(address, await cookieOf(viewer.id));
      const refused = await get(address, await cookieOf(outsider.id));

      expect([address, seen.status, refused.status]).toEqual([address, 200, 404]);
      expect(seen.headers.get("cache-control")).toBe("private, no-cache");
    }
  });

  test("is closed at once when it was public a moment ago", async () => {
    const { page } = await stage();
    const before = await get(`/status/${page.slug}`);

    await api.call("PUT", `/status-pages/${page.id}`, { statusPage: { visibility: "private" } });
    const after = await get(`/status/${page.slug}`);

    expect([before.status, after.status]).toEqual([200, 302]);
  });
});

test.each([
  "/status/",
  "/status/UPPER",
  "/status/a b",
  "/status/-x",
  `/status/${"x".repeat(64)}`,
  "/status/x.json.json",
])("an address that no page can have is no page: %s", async (path) => {
  expect([302, 404]).toContain((await get(path)).status);
});
