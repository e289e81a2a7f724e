import { beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";

import { findEnvironment } from "../../../src/environments/store.ts";
import { testDeps } from "../../support/api.ts";
import { type Session, startSession } from "../../support/form-session.ts";

setDefaultTimeout(120_000);

let session: Session;
let id: string;

beforeAll(async () => {
  session = await startSession();
});

interface Row {
  was?: string;
  key: string;
  value: string;
  type?: string;
  state?: string;
  sealed?: string;
}

/** As a browser sends a table of rows: a list of each field. */
const form = (rows: Row[], more: Record<string, string> = {}) => ({
  name: "Local",
  ...more,
  "variables.was": rows.map(({ was = "" }) => was),
  "variables.sealed": rows.map(({ sealed = "" }) => sealed),
  "variables.key": rows.map(({ key }) => key),
  "variables.value": rows.map(({ value }) => value),
  "variables.type": rows.map(({ type = "default" }) => type),
  "variables.state": rows.map(({ state = "on" }) => state),
});
const url: Row = { was: "0", key: "url", value: "http://a" };
const token: Row = { was: "1", key: "token", value: "", type: "secret" };
const list: Row = { was: "2", key: "list", value: "[1,2]", state: "off" };
const save = (rows: Row[], more: Record<string, string> = {}) =>
  session.post(`/environments/${id}/edit`, form(rows, { revision: "1", action: "save", ...more }));
const values = async () => (await findEnvironment(testDeps(session.database), id))?.values;

beforeEach(async () => {
  const document = {
    name: "Local",
    values: [
      { key: "url", value: "http://a", enabled: true, description: "where" },
      { key: "token", value: "s3cr3t", type: "secret", enabled: true },
      { key: "list", value: [1, 2], enabled: false },
    ],
  };
  const { location } = await session.post("/environments", { text: JSON.stringify(document) });
  id = location?.replace("/environments/", "") ?? "";
});

describe("editing an environment", () => {
  test("keeps what no row shows, and values that are no texts", async () => {
    const { status } = await save([{ ...url, value: "http://b" }, token, list]);

    expect(status).toBe(303);
    expect(await values()).toEqual([
      { key: "url", value: "http://b", enabled: true, description: "where" },
      { key: "token", value: "s3cr3t", type: "secret", enabled: true },
      { key: "list", value: [1, 2], enabled: false },
    ]);
  });

  test("adds, removes, switches and retypes", async () => {
    await save([
      { ...url, state: "off" },
      { ...token, state: "remove" },
      { ...list, value: "now a text", type: "secret" },
      { key: "new", value: "1" },
      { key: "", value: "" },
    ]);

    expect(await values()).toEqual([
      { key: "url", value: "http://a", enabled: false, description: "where" },
      { key: "list", value: "now a text", enabled: false, type: "secret" },
      { key: "new", value: "1", type: "default", enabled: true },
    ]);
  });

  test("shows a changed secret as changed, sends it sealed, and saves it from there", async () => {
    const preview = await save([url, { ...token, value: "n3w-secret" }, list], { action: "preview" });

    expect(preview.html).toContain("changed; what it holds is not shown");
    expect(preview.html).not.toContain("n3w-secret");
    expect(preview.headers.get("cache-control")).toBe("no-store");
    const sealed = [...preview.html.matchAll(/name="variables\.sealed" value="([^"]*)"/g)].map(
      ([, text = ""]) => text,
    );
    await save([url, { ...token, sealed: sealed[1] ?? "" }, list]);
    expect((await values())?.[1]).toEqual({
      key: "token",
      value: "n3w-secret",
      type: "secret",
      enabled: true,
    });
  });

  test("does not show a secret by making it a default one", async () => {
    const { status, html } = await save([url, { ...token, type: "default" }, list]);

    expect(status).toBe(400);
    expect(html).toContain("Enter the value again");
    expect((await values())?.[1]).toMatchObject({ value: "s3cr3t", type: "secret" });
  });

  test("never has a secret on a page", async () => {
    await save([{ ...url, value: "http://b" }, token, list]);
    const paths = ["", "/edit", "/revisions", "/revisions/2", "/revisions/1?against=2", "/export"];

    for (const path of paths) {
      const { html, status } = await session.get(`/environments/${id}${path}`);
      expect([path, status, html.includes("s3cr3t")]).toEqual([path, 200, false]);
    }
  });

  test("that others overtook is a conflict, and goes on top of theirs by name", async () => {
    await save([token, { ...url, value: "http://theirs" }, list]);

    const conflict = await save([url, token, list, { key: "mine", value: "1" }]);
    expect(conflict.status).toBe(409);
    expect(conflict.html).toContain("http://theirs");
    expect(conflict.html).toContain("mine");

    const rows = ["was", "key", "value", "type", "state"].map((name) =>
      [
        ...conflict.html.matchAll(
          new RegExp(`type="hidden" name="variables\\.${name}" value="([^"]*)"`, "g"),
        ),
      ].map(([, text = ""]) => text),
    );
    const [was = [], key = [], value = [], type = [], state = []] = rows;
    const merged = key.map((name, index) => ({
      was: was[index] ?? "",
      key: name,
      value: value[index] ?? "",
      type: type[index] ?? "",
      state: state[index] ?? "",
    }));
    const { status } = await save(merged, { revision: "2" });
    expect(status).toBe(303);
    const stored = await values();
    expect(stored?.find(({ key: name }) => name === "url")).toMatchObject({ value: "http://theirs" });
    expect(stored?.find(({ key: name }) => name === "token")).toMatchObject({ value: "s3cr3t" });
    expect(stored?.find(({ key: name }) => name === "mine")).toMatchObject({ value: "1" });
  });

  test("asks for more rows and keeps what is typed", async () => {
    const rows = [url, { ...token, value: "n3w-secret" }, list, { key: "new", value: "1" }];

    const form = await save(rows, { action: "more:variables" });

    const names = [...form.html.matchAll(/aria-label="Name ([^"]*)"/g)].map(([, label = ""]) => label);
    expect(form.status).toBe(200);
    expect(names.slice(0, 4)).toEqual([
      "of variable url",
      "of variable token",
      "of variable list",
      "of variable new",
    ]);
    expect(names).toHaveLength(14);
    expect(form.html).toContain("•••••••• as typed before");
    expect(form.html).not.toContain("n3w-secret");
    expect((await values())?.[1]).toMatchObject({ value: "s3cr3t" });
  });

  test("that changes nothing, or forgets a name, says so", async () => {
    const same = await save([url, token, list], { action: "preview" });
    const nameless = await save([{ ...url, key: "" }, token, list]);
    const untitled = await save([url, token, list], { name: "" });

    expect([same.status, nameless.status, untitled.status]).toEqual([400, 400, 400]);
    expect(same.html).toContain("Nothing in it has changed.");
    expect(nameless.html).toContain("Give the variable a name");
    expect(untitled.html).toContain("Give the environment a name.");
  });
});

test("a copy has the secrets, an export has not", async () => {
  const { location } = await session.post(`/environments/${id}/duplicate`);
  const copy = location?.replace("/environments/", "") ?? "";
  const { html, headers } = await session.get(`/environments/${copy}/export`);

  expect(headers.get("content-disposition")).toContain('filename="Local copy.postman_environment.json"');
  expect(JSON.parse(html)).toMatchObject({
    name: "Local copy",
    _postman_variable_scope: "environment",
    values: [
      { key: "url", value: "http://a" },
      { key: "token", value: "", type: "secret" },
      { value: [1, 2] },
    ],
  });
  const stored = await findEnvironment(testDeps(session.database), copy);
  expect(stored?.values[1]).toMatchObject({ value: "s3cr3t" });
});

test("an undone edit is what was there, secrets included", async () => {
  const before = await values();
  await save([{ ...url, value: "http://b" }, { ...token, state: "remove" }, list]);

  const { location } = await session.post(`/environments/${id}/revisions/1/restore`);

  expect(location).toBe(`/environments/${id}?saved=3`);
  expect(await values()).toEqual(before);
});

test("globals are edited, compared and restored in the same way", async () => {
  const path = `/globals/${session.workspace.id}`;
  const set = (value: string, revision: string, was?: string) =>
    session.post(
      `${path}/edit`,
      form([{ ...(was !== undefined && { was }), key: "region", value }], { revision, action: "save" }),
    );

  const first = await set("eu", "0");
  const second = await set("us", "1", "0");
  const compared = await session.get(`${path}/revisions/2`);
  const stale = await set("asia", "1", "0");
  const restored = await session.post(`${path}/revisions/1/restore`);

  expect([first.location, second.location]).toEqual([`${path}?saved=1`, `${path}?saved=2`]);
  expect(compared.html).toContain("eu");
  expect(compared.html).toContain("us");
  expect(stale.status).toBe(409);
  expect(restored.location).toBe(`${path}?saved=3`);
  expect((await session.get(path)).html).toContain("<code>eu</code>");
});

test("many variables can be searched", async () => {
  const document = {
    name: "Many",
    values: Array.from({ length: 30 }, (_, index) => ({ key: `name-${index}`, value: `value ${index}` })),
  };
  const { location } = await session.post("/environments", { text: JSON.stringify(document) });

  const { html } = await session.get(`${location}?q=NAME-17`);

  expect(html).toContain("1 of 30 variables");
  expect(html).toContain("value 17");
  expect(html).not.toContain("value 18");
});
