import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  checkReplaceable,
  type NewProgram,
  replaceProgram,
  sha256Of,
} from "../../src/runner/replace-program.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "replace-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function* chunksOf(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function stage() {
  const place = await mkdtemp(join(folder, "one-"));
  const path = join(place, "app");
  await writeFile(path, "old");
  await chmod(path, 0o755);
  const replace = (change: Partial<NewProgram> = {}) =>
    replaceProgram(path, {
      bytes: chunksOf("ne", "w!"),
      sizeBytes: 4,
      sha256: sha256("new!"),
      tryOut: () => Promise.resolve(),
      ...change,
    });
  return { place, path, replace };
}

test("the new program stands in the place of the old one, which stays beside it", async () => {
  const { place, path, replace } = await stage();

  await replace();

  expect(await readFile(path, "utf8")).toBe("new!");
  expect(await readFile(`${path}.previous`, "utf8")).toBe("old");
  expect((await stat(path)).mode & 0o777).toBe(0o755);
  expect(await sha256Of(path)).toBe(sha256("new!"));
  expect((await readdir(place)).toSorted((a, b) => a.localeCompare(b))).toEqual(["app", "app.previous"]);
});

test("it is tried out before, under its own name and able to run", async () => {
  const { path, replace } = await stage();
  const tried: string[] = [];

  await replace({
    tryOut: async (candidate) => {
      const { mode } = await stat(candidate);
      tried.push(await readFile(candidate, "utf8"), await readFile(path, "utf8"), (mode & 0o111).toString(8));
    },
  });

  expect(tried).toEqual(["new!", "old", "111"]);
});

async function* broken(): AsyncIterable<Uint8Array> {
  yield Buffer.from("ne");
  throw Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" });
}

test.each<[string, () => Partial<NewProgram>, string]>([
  ["other bytes", () => ({ bytes: chunksOf("evil") }), "SHA-256"],
  ["too few bytes", () => ({ bytes: chunksOf("new") }), "SHA-256"],
  ["too many bytes", () => ({ bytes: chunksOf("new!", "more") }), "SHA-256"],
  ["a connection that breaks", () => ({ bytes: broken() }), "did not arrive whole (UND_ERR_SOCKET)"],
  [
    "a program that does not start",
    () => ({ tryOut: () => Promise.reject(new Error("does not start")) }),
    "start",
  ],
])("%s: one sentence, and everything stays as it was", async (_case, change, sentence) => {
  const { place, path, replace } = await stage();

  const refusal: unknown = await replace(change()).catch((error: unknown) => error);

  expect(String(refusal)).toContain(sentence);
  expect(await readFile(path, "utf8")).toBe("old");
  expect(await readdir(place)).toEqual(["app"]);
});

test("a folder that cannot be written is named, with what to do", async () => {
  const refusal: unknown = await checkReplaceable("/proc/app").catch((error: unknown) => error);

  expect(String(refusal)).toContain("/proc/app cannot be replaced: this user cannot write to /proc");
});
