import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { strToU8, zipSync } from "fflate";

import { runProgram } from "../../support/program.ts";
import { servedApi, type ServedApi } from "../../support/served-api.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: ServedApi;
let folder: string;

beforeAll(async () => {
  api = await servedApi();
  folder = await mkdtemp(join(tmpdir(), "import-test-"));
  await api.call("POST", "/workspaces", { workspace: { name: "Team", type: "team" } });
});
afterAll(() => Promise.all([api.stop(), rm(folder, { recursive: true, force: true })]));

const run = (...args: string[]) =>
  runProgram(["import", ...args], { APP_SERVER: api.url, APP_API_KEY: api.key });

async function importJson(...args: string[]) {
  const { exitCode, stdout } = await run(...args, "--json");
  return { exitCode, answer: JSON.parse(stdout) };
}

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
}

const v21 = (name: string, ...item: object[]) => ({
  info: { name, schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item,
});
const v1 = (name: string) => ({
  id: "c-1",
  name,
  order: ["r-1"],
  requests: [{ id: "r-1", name: "get", method: "GET", url: "http://x/a", headers: "A: b\n" }],
});
const environment = (name: string) => ({ name, values: [{ key: "a", value: "1", enabled: true }] });

/** What the control plane stored, fetched by the uid that the import answered. */
async function stored(uid: string) {
  const { body } = await api.call("GET", `/collections/${uid}`);
  return body.collection;
}

test("every format is stored as v2.1", async () => {
  const v3 = join(folder, "v3");
  await mkdir(join(v3, ".resources"), { recursive: true });
  await writeFile(join(v3, ".resources/definition.yaml"), "name: Three\n");
  await writeFile(join(v3, "get.request.yaml"), "url: http://x/a\nheaders: {A: b}\n");
  const v20 = v21("Two", { name: "get", request: { url: "http://x/a", header: [{ key: "A", value: "b" }] } });
  v20.info.schema = v20.info.schema.replace("v2.1.0", "v2.0.0");

  const { exitCode, answer } = await importJson(
    await file("v1.json", v1("One")),
    await file("v20.json", v20),
    v3,
  );

  expect([exitCode, answer.failed, answer.warnings]).toEqual([0, [], []]);
  const collections = await Promise.all(answer.imported.map(({ uid }: { uid: string }) => stored(uid)));
  expect(collections.map(({ info }) => [info.name, info.schema])).toEqual(
    ["One", "Two", "Three"].map((name) => [name, v21("").info.schema]),
  );
  for (const { item } of collections)
    expect(item).toMatchObject([{ name: "get", request: { header: [{ key: "A", value: "b" }] } }]);
});

test("a data dump and a zip give all that is in them", async () => {
  const dump = await file("Backup.postman_dump.json", {
    version: 1,
    collections: [v1("Dumped"), v21("Also dumped")],
    environments: [environment("Dumped environment")],
    globals: [{ key: "g", value: "1" }],
  });
  const zip = await file(
    "export.zip",
    zipSync({
      "collection/c.json": strToU8(JSON.stringify(v21("Zipped"))),
      "environment/e.json": strToU8(JSON.stringify(environment("Zipped environment"))),
    }),
  );

  const { exitCode, answer } = await importJson(dump, zip);

  expect(answer.imported.map(({ kind, name }: Record<string, string>) => `${kind} ${name}`)).toEqual([
    "collection Dumped",
    "collection Also dumped",
    "environment Dumped environment",
    "globals Globals",
    "collection Zipped",
    "environment Zipped environment",
  ]);
  expect([exitCode, answer.failed]).toEqual([0, []]);
});

test("globals go to those of the workspace: same names are replaced, others stay", async () => {
  await api.make.workspace({ createdAt: new Date("2020-01-01"), name: "Older, of somebody else" });
  const mine = await api.call("POST", "/workspaces", { workspace: { name: "Mine", type: "team" } });
  const globals = (...values: object[]) => ({ name: "G", values, _postman_variable_scope: "globals" });
  const one = await file(
    "one.json",
    globals({ key: "a", value: "1" }, { key: "b", value: "1", type: "secret" }),
  );
  const two = await file("two.json", globals({ key: "b", value: "2", type: "secret" }));
  const valuesIn = async (id: string) =>
    (await api.call("GET", `/workspaces/${id}/global-variables`)).body.values.map(
      ({ key, value }: { key: string; value: string }) => `${key}=${value}`,
    );

  const first = await run(one, "--workspace", "Mine");
  await run(two, "--workspace", "Mine");
  const byDefault = await importJson(two);

  expect([first.exitCode, first.stdout]).toEqual([
    0,
    `${one}: globals imported into workspace ${mine.body.workspace.id}\n`,
  ]);
  expect(await valuesIn(mine.body.workspace.id)).toEqual(["a=1", "b=2"]);
  const team = (await api.call("GET", `/workspaces?createdBy=${api.actor.userId}&limit=1`)).body
    .workspaces[0];
  expect(byDefault.answer.imported).toMatchObject([{ kind: "globals", id: team.id }]);
  expect(await valuesIn(team.id)).toContain("b=2");
});

test("a report says what will not behave as in Postman, and where", async () => {
  const script = [{ listen: "test", script: { exec: ["pm.require('npm:dayjs')"] } }];
  const collection = await file(
    "odd.json",
    v21("Odd", {
      name: "Folder",
      item: [
        {
          name: "files",
          event: script,
          request: { url: "http://x", body: { mode: "file", file: { src: "a.png" } } },
        },
      ],
    }),
  );

  const { exitCode, stdout } = await run(collection);

  expect(exitCode).toBe(0);
  expect(stdout).toContain('collection "Odd" imported as ');
  expect(stdout).toContain('\n  unsupported: Folder / files: a script requires "npm:dayjs"');
  expect(stdout).toContain('\n  different: Folder / files: the file "a.png" must lie');
});

test("OpenAPI becomes a collection, as the options say; what it will lack is told", async () => {
  const spec = (rest: object) => ({
    openapi: "3.0.3",
    info: { title: "Pets", version: "1" },
    servers: [{ url: "http://x" }],
    paths: { "/a/b": { get: { tags: ["animals"], responses: {}, ...rest } } },
  });
  const good = await file("pets.json", spec({ parameters: [{ name: "sid", in: "cookie" }] }));
  const bad = await file("broken.json", spec({ parameters: 5 }));

  const imported = await importJson(good, bad, "--openapi-option", "folderStrategy=Tags");
  const wrong = await run(good, "--openapi-option", "folderStrategy=Colour");

  expect(imported.exitCode).toBe(1);
  expect(imported.answer).toMatchObject({
    imported: [{ name: "Pets", kind: "collection" }],
    warnings: [{ warning: expect.stringContaining('paths./a/b.get.parameters.0: "sid" is left out') }],
    failed: [{ error: expect.stringContaining("paths./a/b.get.parameters: is no list") }],
  });
  expect((await stored(imported.answer.imported[0].uid)).item).toMatchObject([{ name: "animals" }]);
  expect([wrong.exitCode, wrong.stderr.includes("folderStrategy takes Paths or Tags")]).toEqual([2, true]);
});

test("a bad file is one sentence and does not keep the others from being imported", async () => {
  const args = [join(folder, "none.json"), await file("list.json", []), await file("good.json", v21("Good"))];

  const { exitCode, stdout, stderr } = await run(...args);

  expect(exitCode).toBe(1);
  expect(stdout).toMatch(/^\S+good\.json: collection "Good" imported as \S+\n$/);
  expect(stderr.trim().split("\n")).toEqual([
    expect.stringMatching(/none\.json cannot be read: there is no such file\.$/),
    expect.stringMatching(/list\.json is neither a collection/),
  ]);
});

test("warnings of a conversion are told and imported are the rest", async () => {
  const lost = { ...v1("Lost"), order: [] };

  const { exitCode, stderr, stdout } = await run(await file("lost.json", lost));

  expect([exitCode, stdout.includes('"Lost" imported')]).toEqual([0, true]);
  expect(stderr).toContain("1 of its requests are in no folder and in no order");
});

test("collection check says it without a control plane; exit 1 when something cannot be run", async () => {
  const fine = await file("fine.json", v21("Fine", { name: "a", request: "http://x" }));
  const socket = await file("socket.json", v21("Socket", { name: "a", request: "ws://x" }));

  const good = await runProgram(["collection", "check", fine]);
  const bad = await runProgram(["collection", "check", fine, socket, "--json"]);

  expect([good.exitCode, good.stdout]).toEqual([0, `${fine}: "Fine" behaves here as it does in Postman.\n`]);
  expect(bad.exitCode).toBe(1);
  expect(JSON.parse(bad.stdout).files).toMatchObject([
    { collections: [{ findings: [] }] },
    { collections: [{ findings: [{ level: "unsupported", where: "a" }] }] },
  ]);
});

test("on an installation without a workspace the first import makes one", async () => {
  const empty = await servedApi();
  try {
    const environment = { APP_SERVER: empty.url, APP_API_KEY: empty.key };
    const first = await runProgram(
      ["import", await file("one.json", v21("One")), await file("two.json", v21("Two"))],
      environment,
    );

    expect(first.exitCode).toBe(0);
    expect(first.stdout).toContain('Workspace "My Workspace" is made: there was none.\n');
    const { body } = await empty.call("GET", "/workspaces");
    expect(body.workspaces.map(({ name }: { name: string }) => name)).toEqual(["My Workspace"]);
    expect((await empty.call("GET", "/collections")).body.collections).toHaveLength(2);
  } finally {
    await empty.stop();
  }
});
