import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { type Files, shopFiles, startFiles } from "./support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let files: Files;

beforeAll(async () => {
  files = await startFiles();
});

afterAll(() => files.stop());

const apply = (folder: string, ...args: string[]) => files.app("apply", "-f", folder, ...args);

const workspaceNamed = async (name: string) => {
  const { body } = await files.api.call("GET", "/workspaces");
  const id = body.workspaces.find((one: { name: string }) => one.name === name)?.id as string;
  return (await files.api.call("GET", `/workspaces/${id}`)).body.workspace;
};

describe("app apply", () => {
  test("shows a plan, does it, and has nothing to do the second time", async () => {
    const folder = await files.write("first", shopFiles("First", "first-runner"));

    const planned = await apply(folder, "--dry-run");
    const before = (await files.api.call("GET", "/workspaces")).body.workspaces;
    const first = await apply(folder, "--yes");
    const second = await apply(folder, "--yes");

    expect(planned.stderr).toBe("");
    expect(planned.stdout.split("\n")).toEqual([
      'workspace "First"',
      '  + workspace "First"',
      '  + environment "Staging"',
      '  ~ globals "Globals": +region',
      '  + collection "Shop"',
      '  + spec "Pets"',
      '  + mock "Shop mock"',
      '  + monitor "Nightly"',
      "team",
      '  + runner "first-runner"',
      "Plan: 7 to create, 1 to update, 0 to delete, 0 unchanged.",
      "",
    ]);
    expect(before).toEqual([]);
    expect([first.exitCode, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toContain('Runner "first-runner" is created; its key is shown only now.');
    expect([second.exitCode, second.stdout]).toEqual([0, "Nothing to do: everything is as the files say.\n"]);

    const workspace = await workspaceNamed("First");
    const { monitor } = (await files.api.call("GET", `/monitors/${workspace.monitors[0].uid}`)).body;
    expect(monitor).toMatchObject({
      name: "Nightly",
      collectionUid: workspace.collections[0].uid,
      environmentUid: workspace.environments[0].uid,
      schedule: { cron: "0 0 3 * * *", timezone: "Europe/Berlin" },
      distribution: [{ name: "first-runner" }],
      options: { requestTimeout: 5000 },
      notifications: { onError: [{ email: "ops@example.test" }], onFailure: [] },
    });
    expect(workspace.specs[0].name).toBe("Pets");
  });

  test("changes what differs and nothing else, and keeps ids of requests", async () => {
    const made = shopFiles("Second", "second-runner");
    const folder = await files.write("second", made);
    await apply(folder, "--yes");
    const [{ uid }] = (await workspaceNamed("Second")).collections;
    const before = (await files.api.call("GET", `/collections/${uid}`)).body.collection;
    await files.write("second", {
      "collections/Shop/List.request.yaml": `${made["collections/Shop/List.request.yaml"]}description: All of it.\n`,
      "environments/Staging.environment.yaml":
        "name: Staging\nvalues:\n  - key: base\n    value: https://new.example.test\n  - key: token\n    type: secret\n",
      "monitors/Nightly.yaml": `${made["monitors/Nightly.yaml"]}active: false\n`,
      "specs/pets/files/more.yaml": "a: 1\n",
      "mocks/Shop mock.yaml":
        "name: Shop mock\ncollection: Shop\nenvironment: Staging\nserverResponses:\n  - { name: Slow, statusCode: 500, active: true }\n",
    });

    const changed = await apply(folder, "--yes");
    const again = await apply(folder, "--yes");

    expect(changed.stderr).toBe("");
    expect(changed.stdout.split("\n")).toEqual([
      'workspace "Second"',
      '  ~ environment "Staging": ~base',
      '  ~ collection "Shop": ~1 requests',
      '  ~ spec "Pets": +more.yaml',
      '  ~ mock "Shop mock": environment, serverResponses',
      '  ~ monitor "Nightly": active',
      "Plan: 0 to create, 5 to update, 0 to delete, 3 unchanged.",
      "Done.",
      "",
    ]);
    expect(again.stdout).toContain("Nothing to do");
    const after = (await files.api.call("GET", `/collections/${uid}`)).body.collection;
    expect(after.item.map((item: { id: string }) => item.id)).toEqual(
      before.item.map((item: { id: string }) => item.id),
    );
    const [environment] = (await workspaceNamed("Second")).environments;
    const { values } = (await files.api.call("GET", `/environments/${environment.uid}`)).body.environment;
    expect(values.map((one: { value: string }) => one.value)).toEqual(["https://new.example.test", "t0p"]);
  });

  test("deletes only with --prune", async () => {
    const folder = await files.write("third", {
      "workspace.yaml": "name: Third\n",
      "environments/A.environment.yaml": "name: A\nvalues: []\n",
    });
    await apply(folder, "--yes");
    const { id } = await workspaceNamed("Third");
    await files.api.make.collection({ workspaceId: id, name: "By hand" });

    const kept = await apply(folder, "--yes");
    const pruned = await apply(folder, "--yes", "--prune", "--json");

    expect(kept.stdout).toContain('not in the files and kept (--prune deletes): collection "By hand"');
    expect(kept.stdout).toContain("Nothing to do");
    expect(JSON.parse(pruned.stdout)).toMatchObject({
      applied: true,
      steps: expect.arrayContaining([
        { kind: "collection", name: "By hand", workspace: "Third", action: "delete" },
      ]),
    });
    expect((await workspaceNamed("Third")).collections).toBeUndefined();
  });

  test("changes nothing without a yes", async () => {
    const folder = await files.write("fourth", { "workspace.yaml": "name: Fourth\n" });

    const { exitCode, stderr } = await apply(folder);

    expect([exitCode, stderr]).toEqual([
      2,
      "app: Nothing is changed without a yes: repeat with --yes, or run app on a terminal.\n",
    ]);
    expect((await files.api.call("GET", "/workspaces")).body.workspaces).not.toContainEqual(
      expect.objectContaining({ name: "Fourth" }),
    );
  });

  test.each<[string, Record<string, string>, string]>([
    ["nothing in it", { "readme.txt": "" }, "holds neither a workspace.yaml nor runners"],
    [
      "a field that is not known",
      { "workspace.yaml": "name: X\ncolour: red\n" },
      "workspace.yaml is not as it should be",
    ],
    [
      "a monitor of nothing",
      { "workspace.yaml": "name: X\n", "monitors/a.yaml": "name: M\ncollection: Gone\n" },
      '"M" of workspace "X" names the collection "Gone", which is neither in the files nor there.',
    ],
    [
      "two of one name",
      {
        "workspace.yaml": "name: X\n",
        "specs/a/spec.yaml": "name: S\ntype: GRAPHQL\nroot: a.graphql\n",
        "specs/a/files/a.graphql": "",
        "specs/b/spec.yaml": "name: S\ntype: GRAPHQL\nroot: a.graphql\n",
        "specs/b/files/a.graphql": "",
      },
      'The files of workspace "X" hold two specs named "S".',
    ],
    ["YAML that is none", { "workspace.yaml": "name: [\n" }, "workspace.yaml is not YAML"],
  ])("refuses a folder with %s", async (name, content, message) => {
    const folder = await files.write(`wrong ${name}`, content);

    const { exitCode, stderr } = await apply(folder, "--yes");

    expect(exitCode).toBe(1);
    expect(stderr).toContain(message);
  });

  test("does not move a monitor to another collection", async () => {
    const made = shopFiles("Fifth", "fifth-runner");
    const folder = await files.write("fifth", made);
    await apply(folder, "--yes");
    await files.write("fifth", {
      "collections/Other/.resources/definition.yaml": "name: Other\n",
      "monitors/Nightly.yaml": "name: Nightly\ncollection: Other\nenvironment: Staging\n",
    });

    const { exitCode, stderr } = await apply(folder, "--yes");

    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining("runs another collection or environment"),
    ]);
  });
});
