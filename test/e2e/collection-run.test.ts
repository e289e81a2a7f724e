import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { strToU8, zipSync } from "fflate";

import { runApp, stopEverything } from "../support/processes.ts";
import { startTarget, type Target } from "../support/target.ts";

let target: Target;
let folder: string;

beforeAll(async () => {
  target = startTarget();
  folder = await mkdtemp(join(tmpdir(), "collection-run-"));
});
afterAll(async () => {
  await stopEverything();
  await target.stop();
  await rm(folder, { recursive: true, force: true });
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, content);
  return path;
}

const definition = "name: Three\n";
const request = () => `url: '${target.url}/three'\n`;

/** What each format needs is loaded only when it is read, so the compiled program must hold it. */
test.each([
  [
    "v1",
    "/one",
    () =>
      file(
        "v1.json",
        JSON.stringify({
          id: "c",
          name: "One",
          order: ["r"],
          requests: [{ id: "r", name: "get", method: "GET", url: `${target.url}/one`, headers: "" }],
        }),
      ),
  ],
  [
    "v3",
    "/three",
    async () => {
      await file("v3/.resources/definition.yaml", definition);
      await file("v3/get.request.yaml", request());
      return join(folder, "v3");
    },
  ],
  [
    "a packed v3",
    "/three",
    () =>
      file(
        "v3.zip",
        zipSync({
          ".resources/definition.yaml": strToU8(definition),
          "get.request.yaml": strToU8(request()),
        }),
      ),
  ],
])("the program by itself runs a collection of format %s", async (_, path, make) => {
  target.arrived.length = 0;

  const { code, output } = await runApp(["collection", "run", await make(), "--disable-unicode"]);

  expect(output).toContain("passed");
  expect([code, target.arrived]).toEqual([0, [path]]);
});
