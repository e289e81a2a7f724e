import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createRequire } from "node:module";

import { pageBadge } from "../../src/status/badge.ts";
import { incidentFeed } from "../../src/status/feed.ts";
import { createIncident } from "../../src/status/incidents-store.ts";
import { escapeXml } from "../../src/status/markup.ts";
import { listEntries } from "../../src/status/store.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { stageStatusPage } from "../support/status.ts";

// It has no types.
const { parseStringPromise } = createRequire(import.meta.url)("xml2js");

setDefaultTimeout(120_000);

const evil = `<script>alert("1")</script> & 'x' ]]> 日本 😀`;

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

test("what XML cannot hold is left out, the rest is escaped", () => {
  expect(escapeXml("a\u0000\u0007b\ud800c\ufffed\n")).toBe("abcd\n");
  expect(escapeXml(`<a b="c">&'</a>`)).toBe("&lt;a b=&quot;c&quot;&gt;&amp;&#39;&lt;/a&gt;");
});

describe("with names that are made to break it", () => {
  test("the feed is Atom, and says what was written", async () => {
    const staged = await stageStatusPage(api.database, api.make, { page: { title: evil } });
    const { page, actor } = staged;
    await createIncident(api.database, actor, page, {
      title: evil,
      state: "monitoring",
      message: `${evil}\nsecond line`,
      monitors: [staged.monitorId],
    });

    const text = await (await api.app.request(`/status/${page.slug}/feed.atom`)).text();
    const { feed } = await parseStringPromise(text);

    expect(feed.$.xmlns).toBe("http://www.w3.org/2005/Atom");
    expect(feed.title).toEqual([evil]);
    expect(feed.entry[0].title).toEqual([`${evil} (monitoring)`]);
    expect(feed.entry[0].id[0]).toStartWith("urn:uuid:");
    expect(Date.parse(feed.entry[0].updated[0])).toBeGreaterThan(0);
    // Markup inside of the content is escaped once more.
    expect(feed.entry[0].content[0]._).toContain("&lt;script&gt;");
  });

  test("badges are SVG that runs nothing", async () => {
    const staged = await stageStatusPage(api.database, api.make, { page: { title: evil } });
    await api.call("PUT", `/status-pages/${staged.page.id}`, {
      statusPage: { monitors: [{ monitor: staged.monitorId, name: evil }] },
    });
    const [entry] = await listEntries(api.database, staged.page.id);

    for (const rest of ["/badge.svg", `/badge/${entry?.id}.svg`]) {
      const text = await (await api.app.request(`/status/${staged.page.slug}${rest}`)).text();
      const { svg } = await parseStringPromise(text);

      expect(svg.$.xmlns).toBe("http://www.w3.org/2000/svg");
      expect(svg.title[0]).toStartWith(evil.slice(0, 20));
      expect(svg.script).toBeUndefined();
      expect(text).not.toMatch(/<script|javascript:| on\w+=/);
    }
  });

  test("the page shows them as text", async () => {
    const { page } = await stageStatusPage(api.database, api.make, {
      page: { title: evil, description: evil },
    });

    const text = await (await api.app.request(`/status/${page.slug}`)).text();

    expect(text).not.toContain("<script>alert");
    expect(text).toContain("&lt;script&gt;alert");
  });
});

const view = {
  page: {
    slug: "acme",
    title: "A".repeat(200),
    description: "",
    timezone: "UTC",
    isPublic: true,
    isIndexed: false,
  },
  verdict: { tone: "pass", sentence: "All systems operational", short: "operational" },
  groups: [],
  openIncidents: [],
  pastIncidents: [],
  maintenance: [],
  asOf: new Date(0),
} as const;

test("a long title does not make a badge that is as wide as the page", async () => {
  const { svg } = await parseStringPromise(
    pageBadge({ ...view, groups: [], openIncidents: [], pastIncidents: [], maintenance: [] }),
  );

  expect(Number(svg.$.width)).toBeLessThan(600);
  expect(svg.title[0]).toEndWith("…: operational");
});

test("a feed without incidents is a feed", async () => {
  const changedAt = new Date("2026-11-01T00:00:00Z");
  const text = incidentFeed({ page: view.page, incidents: [], publicUrl: "https://mon.example", changedAt });

  const { feed } = await parseStringPromise(text);

  expect(feed.entry).toBeUndefined();
  expect(feed.updated).toEqual(["2026-11-01T00:00:00.000Z"]);
});
