import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openSecretBox } from "../../src/server/secret-key.ts";
import { testDatabase } from "../support/database.ts";

const base = mkdtempSync(join(tmpdir(), "sallyport-key-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const config = (name: string, secretKey?: Uint8Array) => ({
  dataDir: join(base, name),
  databaseUrl: undefined,
  secretKey,
});

test("the first start makes a private key file, and the next one opens what was sealed", async () => {
  const database = await testDatabase();
  const first = await openSecretBox(database, config("made"));
  const sealed = first.seal("hidden");

  const second = await openSecretBox(database, config("made"));

  expect(second.open(sealed)).toBe("hidden");
  expect(statSync(join(base, "made/secret.key")).mode & 0o777).toBe(0o600);
});

test("a given key wins and leaves no file", async () => {
  const database = await testDatabase();

  await openSecretBox(database, config("given", new Uint8Array(32)));

  expect(() => readFileSync(join(base, "given/secret.key"))).toThrow();
});

test("another key than the database was written with is refused", async () => {
  const database = await testDatabase();
  await openSecretBox(database, config("other", new Uint8Array(32).fill(1)));

  const error = await openSecretBox(database, config("other", new Uint8Array(32).fill(2))).catch(String);

  expect(error).toContain("The secret key does not fit this database");
});

test("of two servers that start at once with one folder both use the same key", async () => {
  const database = await testDatabase();

  const boxes = await Promise.all(Array.from({ length: 8 }, () => openSecretBox(database, config("both"))));

  const sealed = boxes[0]?.seal("hidden") ?? "";
  expect(boxes.map((box) => box.open(sealed))).toEqual(boxes.map(() => "hidden"));
});

test("a damaged key file is refused, not replaced", async () => {
  const database = await testDatabase();
  await openSecretBox(database, config("damaged"));
  writeFileSync(join(base, "damaged/secret.key"), "");

  const error = await openSecretBox(database, config("damaged")).catch(String);

  expect(error).toContain("secret.key is damaged");
});
