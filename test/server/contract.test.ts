import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { Validator } from "@seriousme/openapi-schema-validator";

import { createConverters } from "../../src/server/convert.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { addressOf, endpointsOf, fill, nameOf, unknownIds } from "./contract/endpoints.ts";
import { alertsEnd, alertsStory } from "./contract/story-alerts.ts";
import { collectionsEnd, collectionsStory } from "./contract/story-collections.ts";
import { coreEnd, coreStory } from "./contract/story-core.ts";
import { featuresEnd, featuresStory } from "./contract/story-features.ts";
import { peopleEnd, peopleStory } from "./contract/story-people.ts";
import { restEnd, restStory } from "./contract/story-rest.ts";
import { type Outcome, play } from "./contract/story.ts";

setDefaultTimeout(180_000);

let api: TestApi;
let outcome: Outcome;
let endpoints: ReturnType<typeof endpointsOf>;

beforeAll(async () => {
  const command = [process.execPath, join(import.meta.dir, "../../src/main.ts"), "convert-process"];
  api = await testApi({}, createConverters({ command }));
  endpoints = endpointsOf(api);
  const { id: workspaceId } = await api.make.workspace({
    createdBy: api.actor.userId,
    visibility: "private",
  });
  const { id: runnerId } = await api.make.runner({ createdBy: api.actor.userId });
  const { id: instances } = await api.make.runnerInstance({ runnerId });
  const { id: users } = await api.make.user();
  const [sent] = await api.database.sql<{ id: string }[]>`
    insert into alert_deliveries (id, workspace_id, kind, alert_id, recipients, message, status)
    values (gen_random_uuid(), ${workspaceId}, 'test', gen_random_uuid(), '{a@example.test}', '{}', 'sent') returning id`;
  const story = [
    ...coreStory,
    ...peopleStory,
    ...collectionsStory,
    ...featuresStory,
    ...restStory,
    ...alertsStory,
  ];
  outcome = await play(api, story, {
    me: String(api.actor.userId),
    users: String(users),
    "other-workspace": workspaceId,
    "busy-runner": runnerId,
    "alert-deliveries": sent?.id ?? "",
    instances,
  });
});

const isOpen = ({ doc }: (typeof endpoints)[number]): boolean => doc?.open !== undefined;
const isGone = ({ doc }: (typeof endpoints)[number]): boolean => doc?.status === 501;

describe("every endpoint", () => {
  test("describes itself", () => {
    expect(endpoints.filter(({ doc }) => doc === undefined).map(nameOf)).toEqual([]);
  });

  test("stands in a description that OpenAPI 3.1 accepts", async () => {
    const { body } = await api.call("GET", "/openapi.json");

    expect(await new Validator().validate(body)).toMatchObject({ valid: true });
    expect(Object.keys(body.paths).length).toBe(new Set(endpoints.map(({ path }) => path)).size);
  });

  test("answers as it says when it is asked as it wants to be", () => {
    expect(outcome.wrong).toEqual([]);
  });

  test.each([
    ["no key", {}],
    ["a wrong key", { "x-api-key": "PMAK-wrong" }],
  ])("refuses %s with 401, unless it says that it is open", async (_, headers) => {
    const open: string[] = [];
    for (const endpoint of endpoints.filter((one) => !isOpen(one))) {
      const { status } = await api.call(
        endpoint.method,
        addressOf(endpoint, outcome.known),
        undefined,
        headers,
      );
      if (status !== 401) open.push(`${nameOf(endpoint)}: ${status}`);
    }
    expect(open).toEqual([]);
  });

  test("refuses a key that is narrowed to nothing with 403", async () => {
    const { key } = await api.newKey({ scopes: [] });
    const open: string[] = [];
    for (const endpoint of endpoints.filter((one) => !isOpen(one) && one.path !== "/me")) {
      const { status } = await api.call(endpoint.method, addressOf(endpoint, outcome.known), undefined, {
        "x-api-key": key,
      });
      if (status !== 403) open.push(`${nameOf(endpoint)}: ${status}`);
    }
    expect(open).toEqual([]);
  });
});

describe("every endpoint of something in a workspace", () => {
  /** Not in a workspace: of the team, of the installation, or one's own. */
  const elsewhere =
    /^\/(me|users|keys|runners|audit|workspaces-roles|teams|groups|tags|api-catalog\/(system-environments|discovery-services))\b/;

  test("refuses who has no role there with 403", async () => {
    const { key } = await api.newKey({ role: "member" });
    const open: string[] = [];
    const inside = endpoints.filter(
      (one) => one.path.includes("{") && !elsewhere.test(one.path) && !isOpen(one) && !isGone(one),
    );
    for (const endpoint of inside) {
      const { query = "", body } = outcome.calls.get(nameOf(endpoint)) ?? {};
      const path = addressOf(endpoint, outcome.known) + query;
      const { status } = await api.call(endpoint.method, path, body, { "x-api-key": key });
      if (status !== 403) open.push(`${nameOf(endpoint)}: ${status}`);
    }
    expect(open).toEqual([]);
  });

  test("says 404 of an unknown id", async () => {
    // So it is documented for this one.
    const exceptions = new Map([["DELETE /workspaces/{id}", 400]]);
    const wrong: string[] = [];
    for (const endpoint of endpoints.filter((one) => one.path.includes("{") && !isGone(one))) {
      const { query = "", body } = outcome.calls.get(nameOf(endpoint)) ?? {};
      const { status } = await api.call(endpoint.method, fill(endpoint.path, unknownIds()) + query, body);
      if (status !== (exceptions.get(nameOf(endpoint)) ?? 404)) wrong.push(`${nameOf(endpoint)}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("every endpoint that reads a body", () => {
  test("says 400 of one that is no JSON", async () => {
    const wrong: string[] = [];
    for (const endpoint of endpoints.filter((one) => one.doc?.body && !isGone(one))) {
      const { status } = await api.call(endpoint.method, addressOf(endpoint, outcome.known), "{broken");
      if (status !== 400) wrong.push(`${nameOf(endpoint)}: ${status}`);
    }
    expect(wrong).toEqual([]);
  });

  test("says 400 of one that is not as it describes", async () => {
    const wrong: string[] = [];
    for (const endpoint of endpoints.filter((one) => !isGone(one))) {
      const { body } = endpoint.doc ?? {};
      for (const sent of [{}, [], { unexpected: true }, null].filter(
        (one) => body && !body.safeParse(one).success,
      )) {
        const { status } = await api.call(
          endpoint.method,
          addressOf(endpoint, outcome.known),
          JSON.stringify(sent),
        );
        if (status !== 400) wrong.push(`${nameOf(endpoint)} ${JSON.stringify(sent)}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** Last: it takes away what the others ask for. */
describe("at the end", () => {
  test("what was made can be deleted, and then every endpoint has succeeded once", async () => {
    const end = await play(
      api,
      [...alertsEnd, ...restEnd, ...featuresEnd, ...collectionsEnd, ...peopleEnd, ...coreEnd],
      outcome.known,
    );

    expect(end.wrong).toEqual([]);
    // There are no groups, so none can be read.
    const good = new Set([...outcome.good, ...end.good, "GET /groups/{id}"]);
    expect(endpoints.filter((one) => !isGone(one) && !good.has(nameOf(one))).map(nameOf)).toEqual([]);
  });
});
