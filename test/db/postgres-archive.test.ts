import { afterAll, expect, test } from "bun:test";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { packPrograms, unpackPrograms } from "../../db/postgres-archive.ts";

const base = mkdtempSync(join(tmpdir(), "sallyport-archive-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

function sourceFolder(): string {
  const folder = mkdtempSync(join(base, "source-"));
  const write = (path: string, content: string | Uint8Array, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode });
  };
  write("bin/postgres", new Uint8Array([0, 255, 1, 254]), 0o755);
  write("bin/pg_ctl", "not needed", 0o755);
  write("lib/libpq.so.5.18", "library");
  write("lib/libpq.a", "not needed");
  write("lib/postgresql/plpgsql.so", "module");
  write("lib/postgresql/plperl.so", "not needed");
  write("share/postgresql/postgres.bki", "");
  write("share/postgresql/timezone/Europe/Berlin", "zone");
  write("include/postgres.h", "not needed");
  symlinkSync("libpq.so.5.18", join(folder, "lib/libpq.so.5"));
  return folder;
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

test("what a server needs comes out as it went in, and nothing else", () => {
  const source = sourceFolder();
  const target = join(base, "target");

  unpackPrograms(packPrograms(source), target);

  expect(filesOf(target)).toEqual([
    "bin/postgres",
    "lib/libpq.so.5",
    "lib/libpq.so.5.18",
    "lib/postgresql/plpgsql.so",
    "share/postgresql/postgres.bki",
    "share/postgresql/timezone/Europe/Berlin",
  ]);
  expect([...readFileSync(join(target, "bin/postgres"))]).toEqual([0, 255, 1, 254]);
  expect(readFileSync(join(target, "share/postgresql/timezone/Europe/Berlin"), "utf8")).toBe("zone");
  expect(readlinkSync(join(target, "lib/libpq.so.5"))).toBe("libpq.so.5.18");
});

test("programs can be run and files read by another user, and written by none", () => {
  const target = join(base, "modes");

  unpackPrograms(packPrograms(sourceFolder()), target);

  const modeOf = (path: string) => lstatSync(join(target, path)).mode & 0o777;
  expect(modeOf("bin/postgres")).toBe(0o755);
  expect(modeOf("share/postgresql/postgres.bki")).toBe(0o644);
  expect(modeOf("share/postgresql")).toBe(0o755);
});

test("the same files make the same bytes", () => {
  expect(packPrograms(sourceFolder())).toEqual(packPrograms(sourceFolder()));
});
