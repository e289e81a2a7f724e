import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import {
  findForbiddenImports,
  findInCode,
  listImports,
  readSources,
  readZones,
  type Source,
} from "./support/architecture.ts";

const root = join(import.meta.dir, "..");
const zones = readZones(await Bun.file(join(root, "docs/design.md")).text());
const sources = readSources(root, ["src", "db", "web"]);

/** Who may ask the machine for the time beside `lib/clock.ts`, and why. */
const clockReaders = new Map([
  ["src/engine/", "scripts and dynamic variables see the wall clock of the runner, as in Postman"],
  ["src/commands/", "wiring, not domain code"],
]);

/** Zones that the table names already and that have no file yet. */
const comingZones = new Set<string>([]);

describe("imports", () => {
  test("go only where the table of docs/design.md allows", () => {
    expect(findForbiddenImports(sources, zones)).toEqual([]);
  });

  test("of the database never reach the engine, the runner, the contract or a page", () => {
    const distant = sources.filter(({ path }) => /^(src\/(engine|runner|contract|lib)|web)\//.test(path));

    const readers = distant.filter(({ text }) =>
      listImports(text).some((name) => /^(postgres|drizzle-orm)(\/|$)/.test(name)),
    );

    expect(readers.map(({ path }) => path)).toEqual([]);
  });

  test("of undici name the real one, not Bun's stand-in", () => {
    const users = sources.filter(({ text }) => listImports(text).includes("undici"));

    expect(users.map(({ path }) => path)).toEqual([]);
  });
});

describe("surroundings", () => {
  test("the environment is read in lib/config.ts only", () => {
    const found = findInCode(sources, /\b(process|Bun|import\.meta)\.env\b/);

    expect(found.filter((place) => !place.startsWith("src/lib/config.ts:"))).toEqual([]);
  });

  test("the time is read in lib/clock.ts only", () => {
    const found = findInCode(sources, /\bnew Date\(\)|\bDate\.now\(/);

    const allowed = ["src/lib/clock.ts", ...clockReaders.keys()];
    expect(found.filter((place) => !allowed.some((start) => place.startsWith(start)))).toEqual([]);
  });
});

const planted = (path: string, text: string): Source[] => [{ path, text }];

describe("the checks themselves", () => {
  test("read the whole table and every folder of it", () => {
    const read = new Set(sources.map(({ path }) => /^src\/[^/]+|^[^/]+/.exec(path)?.[0]));

    expect(zones.size).toBeGreaterThanOrEqual(19);
    expect([...zones.keys()].filter((zone) => !read.has(zone) && !comingZones.has(zone))).toEqual([]);
  });

  test("understand the words of the table", () => {
    expect([...(zones.get("src/lib") ?? [])]).toEqual([]);
    expect(zones.get("src/runs")).toContain("src/monitors");
    expect(zones.get("src/runs")).toContain("db");
    expect(zones.get("src/runs")).not.toContain("src/schedules");
    expect(zones.get("src/server")).toContain("src/runs");
    expect(zones.get("src/server")).not.toContain("src/commands");
  });

  test.each([
    ["a value", 'import { connect } from "../../db/connect.ts";'],
    ["a type", 'import type { Database } from "../../db/connect.ts";'],
    ["over several lines", 'import {\n  connect,\n} from "../../db/connect.ts";'],
    ["a re-export", 'export { connect } from "../../db/connect.ts";'],
    ["for its side effects", 'import "../../db/connect.ts";'],
    ["dynamic", 'const { connect } = await import("../../db/connect.ts");'],
    ["a type in place", 'type Database = import("../../db/connect.ts").Database;'],
  ])("see a forbidden import: %s", (_, text) => {
    const found = findForbiddenImports(planted("src/runner/loop.ts", text), zones);

    expect(found).toEqual(["src/runner/loop.ts must not import db/connect.ts"]);
  });

  test("see an import from a folder that is in no zone", () => {
    const found = findForbiddenImports(
      planted("src/runs/run.ts", 'import "../../test/support/make.ts";'),
      zones,
    );

    expect(found).toEqual(["src/runs/run.ts must not import test/support/make.ts"]);
  });

  test("see code and pass over comments", () => {
    const text = "// never process.env here\n * new Date() neither\nconst now = new Date();\n";

    expect(findInCode(planted("src/runs/run.ts", text), /process\.env|new Date\(\)/)).toEqual([
      "src/runs/run.ts:3",
    ]);
  });
});
