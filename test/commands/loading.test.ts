import { describe, expect, test } from "bun:test";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

/** Every file of ours that is loaded with `entry`. */
async function filesBehind(entry: string): Promise<string[]> {
  const built = await Bun.build({
    entrypoints: [join(root, entry)],
    target: "bun",
    packages: "external",
    metafile: true,
    tsconfig: join(root, "tsconfig.json"),
    // What is imported while running is another file's matter.
    splitting: true,
  });
  const [first] = built.outputs;
  expect(first?.kind).toBe("entry-point");
  return Object.keys(built.metafile?.inputs ?? {});
}

const isOfServer = (path: string): boolean =>
  /^(db|web|src\/(server|access|runs|fleet|monitors))\//.test(path);

describe("a process loads no more than it needs:", () => {
  test("a runner no server, no database and no page", async () => {
    const files = await filesBehind("src/commands/runner.ts");

    expect(files).toContain("src/commands/runner/start.ts");
    expect(files.filter(isOfServer)).toEqual([]);
  });

  test.each(["serve", "runner", "collection"])("%s no conversion of OpenAPI", async (command) => {
    const files = await filesBehind(`src/commands/${command}.ts`);

    expect(files.filter((path) => path.endsWith("formats/openapi.ts"))).toEqual([]);
  });

  test("the check itself finds them in the server", async () => {
    const files = await filesBehind("src/commands/serve.ts");

    expect(files.filter(isOfServer)).toContain("db/embedded.ts");
    expect(await filesBehind("src/commands/import.ts")).toContain("src/engine/formats/openapi.ts");
  });
});
