import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readSecrets } from "../../src/lib/secrets.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "secrets-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

const read = async (path: string) => Object.fromEntries(await readSecrets(path));

test("a JSON object of texts; numbers and yes or no become texts", async () => {
  const path = await write("a.json", ' {"api-key": "s3cret", "pin": 1234, "on": true, "empty": ""}');

  expect(await read(path)).toEqual({ "api-key": "s3cret", pin: "1234", on: "true", empty: "" });
});

test("lines of NAME=value, with comments, quotes and export", async () => {
  const lines = [
    "# comment",
    "",
    "PLAIN=a=b # kept",
    "export EXPORTED = spaced ",
    'DOUBLE="two\\nlines \\"quoted\\""',
    "SINGLE='as\\nis'",
    "EMPTY=",
    `"odd=it's`,
  ];
  const path = await write("a.env", lines.join("\r\n"));

  expect(await read(path)).toEqual({
    PLAIN: "a=b # kept",
    EXPORTED: "spaced",
    DOUBLE: 'two\nlines "quoted"',
    SINGLE: "as\\nis",
    EMPTY: "",
    '"odd': "it's",
  });
});

test("a folder as Kubernetes mounts it: files behind links, without the last line break", async () => {
  const mount = join(folder, "mount");
  await mkdir(join(mount, "..2026_11"), { recursive: true });
  await mkdir(join(mount, "folder"));
  await writeFile(join(mount, "..2026_11", "api-key"), "s3cret\n\n");
  await symlink("..2026_11", join(mount, "..data"));
  await symlink("..data/api-key", join(mount, "api-key"));
  await writeFile(join(mount, ".config"), '{"not":"json here"}');

  expect(await read(mount)).toEqual({ "api-key": "s3cret\n", ".config": '{"not":"json here"}' });
});

describe("refused in one sentence that shows no value", () => {
  const cases: [string, () => Promise<string>, RegExp][] = [
    ["nothing there", () => Promise.resolve(join(folder, "none")), /none cannot be used \(there is no such/],
    ["broken JSON", () => write("b.json", '{"key": hunter2}'), /b\.json .*begins like a JSON object/],
    ["an object in JSON", () => write("c.json", '{"key": {"x": "hunter2"}}'), /value of "key" is not a text/],
    ["a line without a name", () => write("d.env", "A=1\n\nhunter2"), /line 3 is not NAME=value/],
    ["an empty file", () => write("e.env", "\n"), /holds no secret/],
    ["bytes that are no text", () => write("f", new Uint8Array([65, 61, 255])), /not text in UTF-8/],
    [
      "an empty folder",
      async () => {
        await mkdir(join(folder, "empty"));
        return join(folder, "empty");
      },
      /holds no files/,
    ],
    [
      "a link that leads nowhere",
      async () => {
        await mkdir(join(folder, "broken"));
        await symlink("gone", join(folder, "broken", "key"));
        return join(folder, "broken");
      },
      /broken\/key cannot be used \(there is no such file/,
    ],
  ];

  test.each(cases)("%s", async (_, make, expected) => {
    const path = await make();

    const refused = await readSecrets(path).catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: "unavailable", message: expect.stringMatching(expected) });
    expect(String(refused)).not.toContain("hunter2");
  });
});
