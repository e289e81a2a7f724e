import { beforeAll, expect, test } from "bun:test";

import { systemActor } from "../../src/access/audit/audit.ts";
import { createWindow } from "../../src/schedules/maintenance/store.ts";
import { type Session, startSession } from "../support/form-session.ts";

let session: Session;
let workspaceId: string;
beforeAll(async () => {
  session = await startSession();
  workspaceId = session.workspace.id;
  const monitor = (name: string, row: object) =>
    session.make.monitor({ workspaceId, ownerId: session.user.id, name, state: "passed", ...row });
  const basket = await monitor("Basket", { folder: "checkout", tags: ["eu"] });
  await monitor("Search", { folder: "catalog", tags: ["eu"] });
  await createWindow(
    session.database,
    { ...systemActor, userId: session.user.id },
    {
      workspaceId,
      name: "Release",
      reason: "",
      behaviour: "skip",
      subject: { covers: "monitors", monitorIds: [basket.id], tag: null },
      when: { kind: "once", startsAt: undefined, endsAt: new Date(Date.now() + 3_600_000) },
    },
  );
});

const rowOf = (html: string, name: string): string =>
  html.split("<tr").find((row) => row.includes(`>${name}</a>`)) ?? "";

test("a monitor in maintenance says until when, another one does not", async () => {
  const { html } = await session.get("/");

  expect(rowOf(html, "Basket")).toContain("maintenance, ends ");
  expect(rowOf(html, "Search")).not.toContain("maintenance");
});

test("a group leads to its monitors, and the filter can be taken out again", async () => {
  const grouped = await session.get("/?group=folder");
  const inFolder = await session.get("/?folder=checkout&tag=eu");

  expect(grouped.html).toContain('href="/?folder=checkout"');
  expect(rowOf(inFolder.html, "Basket")).not.toBe("");
  expect(rowOf(inFolder.html, "Search")).toBe("");
  expect(inFolder.html).toContain('href="/?tag=eu" aria-label="Take Folder checkout out of the filter"');
});

test("the search and the state go along with every other choice", async () => {
  const { html } = await session.get("/?search=ba&tag=eu&state=passing");

  expect(html).toContain('href="/?search=ba&amp;state=passing&amp;group=folder&amp;tag=eu"');
  expect(html).toContain('<input type="hidden" name="tag" value="eu"/>');
});
