import { beforeAll, describe, expect, test } from "bun:test";

import { type TestApi, testApi } from "../support/api.ts";
import { type Session, startSession } from "../support/form-session.ts";

describe("by the API", () => {
  let api: TestApi;
  let collectionId: string;
  beforeAll(async () => {
    api = await testApi();
    const { id } = await api.make.collection({ ownerId: api.actor.userId });
    collectionId = id;
  });

  const create = async (options: object = {}): Promise<string> => {
    const monitor = { name: "Watch", collection: collectionId, options };
    return (await api.call("POST", "/monitors", { monitor })).body.monitor.id;
  };
  const change = (id: string, options: object) =>
    api.call("PUT", `/monitors/${id}`, { monitor: { options } });
  const optionsOf = async (id: string) => (await api.call("GET", `/monitors/${id}`)).body.monitor.options;

  test("what is kept is changed one by one, and the audit trail tells it", async () => {
    const id = await create({ keepResponses: "all" });

    await change(id, { keepRequests: "none", keepRunDays: 90 });

    expect(await optionsOf(id)).toMatchObject({
      keepRequests: "none",
      keepResponses: "all",
      keepDays: 30,
      keepRunDays: 90,
      scriptTimeout: 60_000,
    });
    const [entry] = await api.database.sql`
      select change from audit_records where subject_id = ${id} and action = 'monitor.updated'`;
    expect(entry?.["change"]).toEqual({
      before: { keepRequests: "failed", keepRunDays: 400 },
      after: { keepRequests: "none", keepRunDays: 90 },
    });
  });

  test.each([
    ["keepResponses", "some"],
    ["keepRequests", null],
    ["keepDays", 0],
    ["keepDays", 401],
    ["keepDays", 1.5],
    ["keepRunDays", "90"],
  ])("options.%s cannot be %p", async (name, value) => {
    const answer = await change(await create(), { [name]: value });

    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain(`options.${name}`);
  });
});

describe("by the form", () => {
  let session: Session;
  let path: string;
  beforeAll(async () => {
    session = await startSession();
    const { user, workspace, make } = session;
    const monitor = await make.monitor({ ownerId: user.id, workspaceId: workspace.id });
    path = `/monitors/${monitor.id}`;
  });

  const save = (fields: Record<string, string>) =>
    session.post(path, { name: "Watch", schedule: "none", placement: "any", ...fields });

  test("it shows what is kept, and changes it", async () => {
    const before = await session.get(`${path}/edit`);
    const saved = await save({
      keepRequests: "all",
      keepResponses: "none",
      keepDays: "3",
      keepRunDays: "31",
    });
    const after = await session.get(`${path}/edit`);

    expect(before.html).toContain('name="keepDays" aria-describedby="hint-keepDays" value="30"');
    expect(saved.status).toBe(303);
    expect(after.html).toContain('name="keepRunDays" aria-describedby="hint-keepRunDays" value="31"');
    expect(after.html).toMatch(/id="field-keepResponses".*?<option value="none" selected/s);
  });

  test.each([
    ["keepDays", "500", "a whole number of days from 1 to 400"],
    ["keepRunDays", "soon", "a whole number of days from 1 to 4000"],
  ])("%s %s is refused beside the field", async (name, value, message) => {
    const { status, html } = await save({ [name]: value });

    expect(status).toBe(400);
    expect(html).toMatch(new RegExp(`id="message-${name}"[^]*?${message}`));
  });
});
