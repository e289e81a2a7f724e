import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Session, startSession } from "../support/form-session.ts";
import { stageStatusPage } from "../support/status.ts";

setDefaultTimeout(120_000);

let session: Session;
beforeAll(async () => {
  session = await startSession();
});

const textOf = (html: string): string => html.replaceAll(/<[^>]+>/g, " ").replaceAll(/\s+/g, " ");
const stage = () =>
  stageStatusPage(session.database, session.make, {
    userId: session.user.id,
    workspaceId: session.workspace.id,
  });
const monitor = (name: string) =>
  session.make.monitor({ name, workspaceId: session.workspace.id, ownerId: session.user.id });
/** Shown names in the order of the editor. */
const namesIn = (html: string) =>
  [...html.matchAll(/name="name-[\w-]+" value="([^"]*)"/g)].map(([, name]) => name);

const settings = { slug: "acme", title: "Acme", visibility: "public", timezone: "Europe/Berlin" };

test("a page is made by its form, which says what readers learn", async () => {
  const form = await session.get("/status-pages/new");
  const made = await session.post("/status-pages", { ...settings, incidentAfterMinutes: "10" });

  expect(textOf(form.html)).toContain("They never learn the names of monitors");
  expect(made.status).toBe(303);
  expect((await session.get("/status-pages")).html).toContain(`href="${made.location}"`);
  const { html } = await session.get(`${made.location}/settings`);
  expect(html).toContain('value="Europe/Berlin"');
  expect(html).toMatch(/<option value="10" selected=""/);
});

test.each<[string, Record<string, string>, string]>([
  ["a taken address", { slug: "taken" }, "Another status page has the address"],
  ["an address with spaces", { slug: "a b" }, "lower case letters, digits and hyphens"],
  ["no title", { title: "" }, "title"],
  ["a time zone that is none", { timezone: "Nowhere" }, "IANA name"],
])("%s is said beside the field, and what was typed stays", async (_, fields, message) => {
  await session.database.sql`delete from status_pages where slug = 'taken'`;
  await session.post("/status-pages", { ...settings, slug: "taken", title: "First" });

  const { status, html } = await session.post("/status-pages", {
    ...settings,
    description: "typed before",
    ...fields,
  });

  expect(status).toBe(400);
  expect(textOf(html)).toContain(message);
  expect(html).toContain('aria-invalid="true"');
  expect(html).toContain("typed before");
});

describe("monitors", () => {
  test("are put on the list under their own names, and nobody reads those before they are saved", async () => {
    const { page } = await stage();
    const { id } = await monitor("internal-billing");

    const { html } = await session.get(`/status-pages/${page.id}?add=${id}`);
    const before = await (await session.app.request(`/status/${page.slug}`)).text();

    expect(textOf(html)).toContain("1 monitor not saved yet");
    expect(namesIn(html)).toEqual(["Ordering", "internal-billing"]);
    expect(before).not.toContain("internal-billing");
  });

  test("are saved with their shown names and groups", async () => {
    const { page, monitorId } = await stage();
    const { id } = await monitor("internal-billing");

    const saved = await session.post(`/status-pages/${page.id}/monitors`, {
      monitor: [monitorId, id],
      [`name-${monitorId}`]: "Ordering",
      [`name-${id}`]: "Billing",
      [`group-${id}`]: "Money",
    });
    const shown = await (await session.app.request(`/status/${page.slug}`)).text();

    expect(saved.status).toBe(303);
    expect(textOf(shown)).toContain("Money");
    expect(shown).toContain("Billing");
    expect(shown).not.toContain("internal-billing");
  });

  test("are moved and taken off by buttons that need no script", async () => {
    const { page, monitorId } = await stage();
    const { id } = await monitor("second");
    const rows = {
      monitor: [monitorId, id],
      [`name-${monitorId}`]: "Ordering",
      [`name-${id}`]: "Second",
    };
    await session.post(`/status-pages/${page.id}/monitors`, { ...rows, move: `up ${id}` });
    const moved = namesIn((await session.get(`/status-pages/${page.id}`)).html);
    await session.post(`/status-pages/${page.id}/monitors`, { ...rows, remove: monitorId });

    expect(moved).toEqual(["Second", "Ordering"]);
    expect(namesIn((await session.get(`/status-pages/${page.id}`)).html)).toEqual(["Second"]);
  });

  test("without a name are refused beside their row", async () => {
    const { page, monitorId } = await stage();

    const { status, html } = await session.post(`/status-pages/${page.id}/monitors`, {
      monitor: [monitorId],
      [`name-${monitorId}`]: " ",
    });

    expect(status).toBe(400);
    expect(html).toContain(`id="message-name-${monitorId}"`);
    expect(textOf(html)).toContain("Give it the name that people read");
  });

  test("are found by name, and many are no long list", async () => {
    const { page } = await stage();
    await Promise.all(Array.from({ length: 60 }, (_, index) => monitor(`many-${index}`)));

    const all = await session.get(`/status-pages/${page.id}`);
    const found = await session.get(`/status-pages/${page.id}?q=MANY-59`);

    expect(all.html.match(/type="checkbox" name="add"/g)).toHaveLength(50);
    expect(textOf(all.html)).toContain("There are more");
    expect(found.html.match(/type="checkbox" name="add"/g)).toHaveLength(1);
  });
});

describe("an incident", () => {
  test("is reported, goes on and is over; readers see each step at once", async () => {
    const { page, monitorId } = await stage();
    const read = async () => textOf(await (await session.app.request(`/status/${page.slug}`)).text());
    const reported = await session.post(`/status-pages/${page.id}/incidents`, {
      title: "Orders are slow",
      state: "investigating",
      message: "We look into it.",
      monitors: [monitorId],
    });
    const during = await read();
    await session.post(`${reported.location}/updates`, { state: "resolved", message: "It is over." });

    expect(reported.status).toBe(303);
    expect(during).toContain("The system is affected");
    expect(during).toContain("We look into it.");
    const after = await read();
    expect(after).toContain("All systems operational");
    expect(after).toContain("It is over.");
    expect(textOf((await session.get(`/status-pages/${page.id}/incidents`)).html)).toContain(
      "Orders are slow",
    );
  });

  test("needs a title and something to say", async () => {
    const { page } = await stage();
    const path = `/status-pages/${page.id}/incidents`;

    const nameless = await session.post(path, { title: "", state: "investigating", message: "x" });
    const silent = await session.post(path, { title: "x", state: "investigating", message: "" });

    expect([nameless.status, silent.status]).toEqual([400, 400]);
    expect(nameless.html).toContain('id="message-title"');
    expect(silent.html).toContain('id="message-message"');
  });

  test("is asked about before it is deleted", async () => {
    const { page } = await stage();
    const { location } = await session.post(`/status-pages/${page.id}/incidents`, {
      title: "A mistake",
      state: "investigating",
      message: "Nothing happened.",
    });

    const asked = await session.get(`${location}/delete`);
    const deleted = await session.post(`${location}/delete`);

    expect(textOf(asked.html)).toContain("Delete A mistake?");
    expect(deleted.status).toBe(303);
    expect((await session.get(location ?? "")).status).toBe(404);
  });
});

test("a deleted page answers nobody any more", async () => {
  const { page } = await stage();
  await session.app.request(`/status/${page.slug}`);

  const deleted = await session.post(`/status-pages/${page.id}/delete`);

  expect(deleted.status).toBe(303);
  expect((await session.app.request(`/status/${page.slug}`)).status).toBe(302);
});

describe("a viewer", () => {
  test("looks at a page and is offered nothing to change, and refused it", async () => {
    const viewer = await startSession("member");
    const { page } = await stageStatusPage(viewer.database, viewer.make);
    await viewer.database.sql`
      insert into workspace_members (workspace_id, user_id, role)
      values (${page.workspaceId}, ${viewer.user.id}, 'viewer')`;
    const path = `/status-pages/${page.id}`;

    const { html } = await viewer.get(path);
    const answers = [
      await viewer.get(`${path}/settings`),
      await viewer.post(`${path}/settings`, settings),
      await viewer.post(`${path}/monitors`),
      await viewer.post(`${path}/incidents`, { title: "x", state: "investigating", message: "x" }),
      await viewer.post(`${path}/delete`),
    ];

    expect(html).toContain("Ordering");
    expect(html).not.toContain('method="post" action="/status-pages');
    expect(html).not.toContain("/incidents/new");
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  });
});
