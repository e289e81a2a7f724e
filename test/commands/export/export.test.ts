import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { readFiles } from "../../../src/commands/apply/files.ts";
import { type Files, shopFiles, startFiles } from "../apply/support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let files: Files;

beforeAll(async () => {
  files = await startFiles();
  const folder = await files.write("shop", {
    ...shopFiles("Shop floor", "cellar"),
    "runners/cellar.yaml": "name: cellar\n",
  });
  const { exitCode, stderr } = await files.app("apply", "-f", folder, "--yes");
  if (exitCode !== 0) throw new Error(stderr);
});

afterAll(() => files.stop());

const path = (name: string) => join(files.folder, name);
const contentOf = async (name: string) => Object.fromEntries(await readFiles(path(name)));

describe("app export workspace", () => {
  test("writes an archive that import makes the same workspace of, with monitors, mocks and specs", async () => {
    const exported = await files.app(
      "export",
      "workspace",
      "Shop floor",
      "-o",
      path("a.zip"),
      "--with-secrets",
    );
    await files.api.call("PUT", `/workspaces/${await idOf("Shop floor")}`, {
      workspace: { name: "The first" },
    });
    const imported = await files.app("import", path("a.zip"));
    const again = await files.app("export", "workspace", "Shop floor", "-o", path("b.zip"), "--with-secrets");

    expect([exported.stderr, exported.exitCode]).toEqual(["", 0]);
    expect([imported.stderr, imported.exitCode]).toEqual(["", 0]);
    expect(imported.stdout.split("\n").map((line) => line.replace(/^.*zip: /, ""))).toEqual([
      'workspace "Shop floor" imported',
      'environment "Staging" imported',
      'globals "Globals" imported',
      'collection "Shop" imported',
      'spec "Pets" imported',
      'mock "Shop mock" imported',
      'monitor "Nightly" imported',
      "",
    ]);
    expect(again.exitCode).toBe(0);
    expect(withoutIds(await contentOf("b.zip"))).toEqual(withoutIds(await contentOf("a.zip")));
    expect((await stat(path("a.zip"))).mode & 0o777).toBe(0o600);
    await files.api.call("DELETE", `/workspaces/${await idOf("The first")}`);
  });

  test("is imported with monitors paused whose runners are not seen", async () => {
    const { runners } = (await files.api.call("GET", "/runners")).body;
    const only = { visibility: "selected", workspaces: [await idOf("Shop floor")] };
    await files.app("export", "workspace", "Shop floor", "-o", path("c.zip"));
    await files.api.call("PUT", `/runners/${runners[0].id}`, { runner: only });
    const { id } = await files.api.make.workspace({ createdBy: files.api.actor.userId });

    const { exitCode, stderr } = await files.app("import", path("c.zip"), "--workspace", id);

    expect([exitCode, stderr]).toEqual([
      0,
      expect.stringContaining('Monitor "Nightly" is paused: the workspace does not see its runner cellar.'),
    ]);
    const { monitors } = (await files.api.call("GET", `/workspaces/${id}`)).body.workspace;
    expect(monitors[0].deactivated).toBe(true);
    await files.api.call("DELETE", `/workspaces/${id}`);
    await files.api.call("PUT", `/runners/${runners[0].id}`, { runner: { visibility: "all" } });
  });

  test("writes no secrets unless asked to", async () => {
    await files.app("export", "workspace", "Shop floor", "-o", path("public.zip"));

    const content = JSON.stringify(await contentOf("public.zip"));

    expect(content).toContain('\\"token\\"');
    expect(content).not.toContain("t0p");
  });

  test("writes a folder that apply finds nothing to do with, with or without secrets", async () => {
    await files.app("export", "workspace", "Shop floor", "-o", path("git"));

    const { stdout, stderr } = await files.app("apply", "-f", path("git"), "--dry-run");

    expect([stderr, stdout]).toEqual(["", "Nothing to do: everything is as the files say.\n"]);
    expect(Object.keys(await contentOf("git")).toSorted()).toEqual([
      "collections/Shop/.resources/definition.yaml",
      "collections/Shop/Buy.request.yaml",
      "collections/Shop/List.request.yaml",
      "environments/Staging.environment.yaml",
      "globals/workspace.globals.yaml",
      "mocks/Shop mock.yaml",
      "monitors/Nightly.yaml",
      "specs/Pets/files/index.yaml",
      "specs/Pets/spec.yaml",
      "workspace.yaml",
    ]);
  });

  test("writes a folder that says the same as what a specification was made into", async () => {
    const { id } = await files.api.make.workspace({ createdBy: files.api.actor.userId, name: "Made" });
    const url = {
      raw: "{{base}}/a/:id?q",
      host: ["{{base}}"],
      path: ["a", ":id"],
      query: [{ key: "q", value: null }],
    };
    const item = { name: "A", request: { method: "GET", url, header: [], body: {} }, event: [] };
    const schema = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";
    const collection = { info: { name: "C", schema }, item: [item] };
    await files.api.call("POST", `/collections?workspace=${id}`, { collection });

    await files.app("export", "workspace", "Made", "-o", path("made"));
    const applied = await files.app("apply", "-f", path("made"), "--dry-run");

    expect(applied.stdout).toBe("Nothing to do: everything is as the files say.\n");
  });

  test("does not write into a folder with something in it", async () => {
    await files.write("full", { "mine.txt": "" });

    const refused = await files.app("export", "workspace", "Shop floor", "-o", path("full"));
    const forced = await files.app("export", "workspace", "Shop floor", "-o", path("full"), "--force");

    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining("is not empty")]);
    expect(forced.exitCode).toBe(0);
  });
});

describe("app export", () => {
  test("collection prints v2.1, as it was stored", async () => {
    const { stdout } = await files.app("export", "collection", "Shop");

    const collection = JSON.parse(stdout);
    expect(collection.info).toEqual({
      _postman_id: expect.any(String),
      name: "Shop",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    });
    expect(collection.item[0].uid).toBeUndefined();
  });

  test("collection writes OpenAPI and v3", async () => {
    const openApi = await files.app("export", "collection", "Shop", "--format", "openapi-yaml");
    const nowhere = await files.app("export", "collection", "Shop", "--format", "v3");
    const v3 = await files.app("export", "collection", "Shop", "--format", "v3", "-o", path("v3"));
    const read = await files.app("import", path("v3"), "--json");

    expect(openApi.stdout).toStartWith("openapi: 3.0.3\n");
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([
      2,
      expect.stringContaining("give one with --output"),
    ]);
    expect([v3.exitCode, JSON.parse(read.stdout).imported[0].name]).toEqual([0, "Shop"]);
  });

  test("environment and globals hide secrets unless asked to", async () => {
    const id = await idOf("Shop floor");
    const { environments } = (await files.api.call("GET", `/workspaces/${id}`)).body.workspace;

    const hidden = await files.app("export", "environment", environments[0].id);
    const shown = await files.app(
      "export",
      "environment",
      environments[0].id,
      "--with-secrets",
      "-o",
      path("e.json"),
    );
    const globals = await files.app("export", "globals", "-w", id, "--format", "v3");

    const valuesOf = (text: string) => JSON.parse(text).values.map((one: { value: string }) => one.value);
    expect(valuesOf(hidden.stdout)).toEqual(["https://staging.example.test", ""]);
    expect(shown.exitCode).toBe(0);
    expect(valuesOf(await readFile(path("e.json"), "utf8"))).toEqual(["https://staging.example.test", "t0p"]);
    expect(globals.stdout).toContain("key: region");
  });
});

async function idOf(name: string): Promise<string> {
  const { workspaces } = (await files.api.call("GET", "/workspaces")).body;
  return workspaces.find((one: { name: string }) => one.name === name).id;
}

/** Ids that are taken are renewed. */
const withoutIds = (content: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(content).map(([name, text]) => [
      name,
      text.replaceAll(/"(_postman_id|id)": "[^"]*"/g, '"$1": ""'),
    ]),
  );
