import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DATA_VERSION, openDataFolder } from "../../db/data-folder.ts";
import { POSTGRES_MAJOR } from "../../db/postgres-programs.ts";

const base = mkdtempSync(join(tmpdir(), "sallyport-folder-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** A data folder with the given mark. */
function folderWith(name: string, mark: string | object): string {
  const folder = join(base, name);
  openDataFolder(folder);
  writeFileSync(join(folder, "sallyport.json"), typeof mark === "string" ? mark : JSON.stringify(mark));
  return folder;
}

test("a new data folder is private, marked, and opens again", () => {
  const folder = join(base, "deep/new");

  openDataFolder(folder);
  openDataFolder(folder);

  const mark: unknown = JSON.parse(readFileSync(join(folder, "sallyport.json"), "utf8"));
  expect(mark).toMatchObject({ dataVersion: DATA_VERSION, pgMajor: POSTGRES_MAJOR });
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test.each([
  ["layout", { dataVersion: DATA_VERSION + 1, pgMajor: POSTGRES_MAJOR }],
  ["Postgres", { dataVersion: DATA_VERSION, pgMajor: POSTGRES_MAJOR + 1 }],
])("a data folder with a newer %s is refused with the version that made it", (name, mark) => {
  const folder = folderWith(`newer-${name}`, { ...mark, version: "9.8.7" });

  expect(() => openDataFolder(folder)).toThrow(
    /was made by version 9\.8\.7, which is newer than this program/,
  );
});

test("a data folder with an older Postgres is refused before its files are touched", () => {
  const folder = folderWith("older", {
    dataVersion: DATA_VERSION,
    pgMajor: POSTGRES_MAJOR - 1,
    version: "0.0.1",
  });

  expect(() => openDataFolder(folder)).toThrow(/holds files of Postgres 17/);
});

test.each(["", "{}", "no JSON"])("a damaged mark %p is refused", (text) => {
  const folder = folderWith(`damaged-${text.length}`, text);

  expect(() => openDataFolder(folder)).toThrow(/sallyport\.json is damaged: restore it from a backup/);
});

test("a file in the place of the data folder is refused", () => {
  const path = join(base, "file");
  writeFileSync(path, "");

  expect(() => openDataFolder(path)).toThrow(/cannot be made or is not a folder/);
});
