import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

import { strToU8, zipSync } from "fflate";

import { runProgram } from "../../support/program.ts";
import { servedApi, type ServedApi } from "../../support/served-api.ts";
import { collectionOf, openPlace, testScript, type Place } from "./support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let place: Place;
let server: Server;
let url: string;
/** What arrived: request line, headers without what differs in every run, and body. */
let arrived: string[];

beforeAll(async () => {
  place = await openPlace();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const headers = request.rawHeaders
        .map((text, index) => (index % 2 === 0 ? `${text}: ${request.rawHeaders[index + 1]}` : ""))
        .filter((line) => line !== "" && !line.startsWith("Postman-Token"));
      arrived.push(
        [`${request.method} ${request.url}`, ...headers, Buffer.concat(chunks).toString()].join("\n"),
      );
      response.setHeader("Set-Cookie", "seen=1; Path=/");
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server on a port has an address with one.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await place.leave();
});

async function wireOf(...args: string[]): Promise<string[]> {
  arrived = [];
  const { exitCode, stderr } = await runProgram(["collection", "run", ...args, "--silent"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return arrived;
}

async function folder(name: string, files: Record<string, string>): Promise<string> {
  const root = join(place.folder, name);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

const schema = (version: string) =>
  `https://schema.getpostman.com/json/collection/v${version}/collection.json`;

/** The same two requests in every format. */
const v21 = () => ({
  info: { name: "Same", schema: schema("2.1.0") },
  auth: {
    type: "basic",
    basic: [
      { key: "username", value: "jane" },
      { key: "password", value: "pw" },
    ],
  },
  variable: [{ key: "page", value: "2" }],
  item: [
    {
      name: "Folder",
      item: [
        {
          name: "create",
          request: {
            method: "POST",
            header: [{ key: "X-Kind", value: "book" }],
            body: { mode: "urlencoded", urlencoded: [{ key: "title", value: "a b" }] },
            url: `${url}/books?page={{page}}`,
          },
        },
      ],
    },
    { name: "list", request: { method: "GET", url: `${url}/books?q=x`, header: [] } },
  ],
});
const v20 = () => ({
  ...v21(),
  info: { name: "Same", schema: schema("2.0.0") },
  auth: { type: "basic", basic: { username: "jane", password: "pw" } },
});
const v1 = () => ({
  id: "c-1",
  name: "Same",
  order: ["r-2"],
  folders: [{ id: "f-1", name: "Folder", order: ["r-1"] }],
  auth: v21().auth,
  variables: v21().variable,
  requests: [
    {
      id: "r-1",
      name: "create",
      method: "POST",
      url: `${url}/books?page={{page}}`,
      headers: "X-Kind: book\n",
      dataMode: "urlencoded",
      data: [{ key: "title", value: "a b", type: "text", enabled: true }],
    },
    { id: "r-2", name: "list", method: "GET", url: `${url}/books?q=x`, headers: "" },
  ],
});
const v3 = () => ({
  ".resources/definition.yaml": `
name: Same
variables: {page: '2'}
auth: {type: basic, credentials: {username: jane, password: pw}}
`,
  "Folder/.resources/definition.yaml": "order: 1\n",
  "Folder/create.request.yaml": `
$kind: http-request
method: POST
url: '${url}/books?page={{page}}'
queryParams: [{key: page, value: '{{page}}'}]
headers: {X-Kind: book}
body: {type: urlencoded, content: [{key: title, value: a b}]}
`,
  "list.request.yaml": `url: '${url}/books?q=x'\norder: 2\n`,
});

describe("one collection sends the same bytes in every format:", () => {
  test.each([
    ["v2.0", () => place.file("v20.json", v20())],
    ["v1", () => place.file("v1.json", v1())],
    ["v3", () => folder("same", v3())],
    ["a packed v3", packedV3],
  ])("%s", async (_, make) => {
    const expected = await wireOf(await place.file("v21.json", v21()));
    const found = await wireOf(await make());

    expect(expected[0]).toMatch(/^POST \/books\?page=2\nX-Kind: book\n[^]*Basic [^]*\ntitle=a%20b$/);
    expect(expected).toHaveLength(2);
    expect(found).toEqual(expected);
  });
});

async function packedV3(): Promise<string> {
  const path = join(place.folder, "same.zip");
  const files = Object.entries(v3()).map(([name, text]) => [`same/${name}`, strToU8(text)]);
  await writeFile(path, zipSync(Object.fromEntries(files)));
  return path;
}

test("CSV: one iteration for each row, numbers as newman reads them; -n wins over the rows", async () => {
  const rows = await place.file("rows.csv", 'id,name\n7,"a, b"\n8,c\n');
  const collection = await place.file(
    "rows.json",
    collectionOf({
      name: "r",
      request: `${url}/{{id}}/{{name}}`,
      event: testScript("pm.test('number', () => pm.expect(pm.iterationData.get('id')).to.be.a('number'))"),
    }),
  );
  const lines = async (...args: string[]) =>
    (await wireOf(collection, "-d", rows, ...args)).map((request) => request.split("\n")[0]);

  expect(await lines()).toEqual(["GET /7/a,%20b", "GET /8/c"]);
  expect(await lines("-n", "3")).toEqual(["GET /7/a,%20b", "GET /8/c", "GET /8/c"]);
});

describe("-i and --folder", () => {
  test("choose requests and folders by name, in the order given", async () => {
    const items = ["a", "b", "c"].map((name) => ({ name, request: `${url}/${name}` }));
    const collection = await place.file(
      "chosen.json",
      collectionOf({ name: "F", item: [items[2]] }, ...items),
    );

    const chosen = await wireOf(collection, "-i", "b", "-i", "F", "--folder", "a");

    expect(chosen.map((request) => request.split("\n")[0])).toEqual(["GET /b", "GET /c", "GET /a"]);
  });

  test("exit 1 for a name that is not there", async () => {
    const collection = await place.file("one.json", collectionOf({ name: "a", request: url }));

    const { exitCode, stdout } = await runProgram(["collection", "run", collection, "-i", "zz"]);

    expect([exitCode, stdout.includes('"zz"')]).toEqual([1, true]);
  });
});

describe("files of requests", () => {
  const upload = (src: string) =>
    place.file(
      "upload.json",
      collectionOf({ name: "up", request: { method: "PUT", url, body: { mode: "file", file: { src } } } }),
    );

  test("come from the working directory", async () => {
    await folder("work", { "inside.txt": "from a file" });
    const collection = await upload("inside.txt");
    const dir = join(place.folder, "work");

    const [request] = await wireOf(collection, "--working-dir", dir, "--no-insecure-file-read");

    expect(request).toEndWith("\nfrom a file");
  });

  test("outside of it are sent unless --no-insecure-file-read says no", async () => {
    await folder("work", { "inside.txt": "x" });
    const secret = await place.file("outside.txt", "outside");
    const args = [await upload(secret), "--working-dir", join(place.folder, "work")];
    const [allowed] = await wireOf(...args);
    arrived = [];

    const refused = await runProgram(["collection", "run", ...args, "--no-insecure-file-read"]);

    expect(allowed).toEndWith("\noutside");
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain("insecure file access outside working directory");
    expect(arrived.join()).not.toContain("outside");
  });
});

test("a cookie jar goes from one run to the next", async () => {
  const jar = join(place.folder, "jar.json");
  const collection = await place.file("cookies.json", collectionOf({ name: "a", request: url }));

  const [first] = await wireOf(collection, "--export-cookie-jar", jar);
  const [second] = await wireOf(collection, "--cookie-jar", jar);

  expect(first).not.toContain("Cookie:");
  expect(second).toContain("Cookie: seen=1");
});

test("variables at the end are exported in the form in which they are read", async () => {
  const path = (name: string) => join(place.folder, `${name}.export.json`);
  const collection = await place.file(
    "sets.json",
    collectionOf({
      name: "a",
      request: url,
      event: testScript(
        "pm.environment.set('e', 2); pm.globals.set('g', 'x'); pm.collectionVariables.set('c', 3)",
      ),
    }),
  );
  const environment = await place.file("env.json", {
    id: "e-1",
    name: "Env",
    values: [{ key: "old", value: "1" }],
  });

  await wireOf(
    collection,
    "-e",
    environment,
    "--export-environment",
    path("e"),
    "--export-globals",
    path("g"),
    "--export-collection",
    path("c"),
  );

  const read = async (name: string) => JSON.parse(await readFile(path(name), "utf8"));
  expect(await read("e")).toMatchObject({
    id: "e-1",
    name: "Env",
    _postman_variable_scope: "environment",
    values: [{ key: "old" }, { key: "e", value: 2 }],
  });
  expect(await read("g")).toMatchObject({
    _postman_variable_scope: "globals",
    values: [{ key: "g", value: "x" }],
  });
  expect(await read("c")).toMatchObject({
    info: { name: "Echoes & <others>" },
    variable: [{ key: "c", value: 3 }],
  });
  expect(await wireOf(collection, "-e", path("e"), "-g", path("g"))).toHaveLength(1);
});

describe("an id", () => {
  let api: ServedApi;
  beforeAll(async () => {
    api = await servedApi();
    await api.call("POST", "/workspaces", { workspace: { name: "Team", type: "team" } });
  });
  afterAll(() => api.stop());

  test("of a collection and an environment is looked up on the control plane", async () => {
    const { body } = await api.call("POST", "/collections", {
      collection: collectionOf({ name: "a", request: "{{base}}/{{secret}}" }),
    });
    const environment = await api.call("POST", "/environments", {
      environment: {
        name: "Env",
        values: [
          { key: "base", value: url, type: "default", enabled: true },
          { key: "secret", value: "s3cret", type: "secret", enabled: true },
        ],
      },
    });
    const args = [body.collection.uid, "-e", environment.body.environment.id];

    const [request] = await wireOf(...args, "--server", api.url, "--postman-api-key", api.key);

    expect(request).toStartWith("GET /s3cret\n");
  });

  test("of a workspace gives its globals", async () => {
    const { body } = await api.call("POST", "/workspaces", { workspace: { name: "Globals", type: "team" } });
    await api.call("PUT", `/workspaces/${body.workspace.id}/global-variables`, {
      values: [{ key: "base", value: url, type: "default", enabled: true }],
    });
    const collection = await place.file("globals.json", collectionOf({ name: "a", request: "{{base}}/g" }));
    const login = ["--server", api.url, "--api-key", api.key];

    const [request] = await wireOf(collection, "-g", body.workspace.id, ...login);

    expect(request).toStartWith("GET /g\n");
  });

  test("that is not there, or without a login, is one sentence", async () => {
    const id = "00000000-0000-4000-8000-000000000000";
    const login = ["--server", api.url, "--api-key", api.key];

    const missing = await runProgram(["collection", "run", id, ...login]);
    const loggedOut = await runProgram(["collection", "run", id]);

    expect([missing.exitCode, missing.stderr.trim().split("\n").length]).toEqual([1, 1]);
    expect(missing.stderr).toContain("could not find");
    expect([loggedOut.exitCode, loggedOut.stderr.includes("not logged in")]).toEqual([2, true]);
  });
});

test.each([
  ["a data file that is none", ["-d", "text.txt"], "has no rows of data"],
  ["a cookie jar that is none", ["--cookie-jar", "env2.json"], "is not a cookie jar"],
  ["an environment that is a collection", ["-e", "plain.json"], "is a collection, not an environment"],
  ["a missing environment", ["-e", "zz.json"], "cannot be read: there is no such file"],
  ["a missing certificate", ["--ssl-client-cert", "zz.pem"], "cannot be read: there is no such file"],
  [
    "a list of certificates that is none",
    ["--ssl-client-cert-list", "env2.json"],
    "list of client certificates",
  ],
])("%s is one sentence and exits 1", async (_, [flag = "", name = ""], sentence) => {
  await place.file("text.txt", "hello");
  await place.file("env2.json", { values: [] });
  const collection = await place.file("plain.json", collectionOf({ name: "a", request: url }));
  const ended = await runProgram(["collection", "run", collection, flag, join(place.folder, name)]);

  expect([ended.exitCode, ended.stderr.trim().split("\n").length]).toEqual([1, 1]);
  expect(ended.stderr).toContain(sentence);
});
