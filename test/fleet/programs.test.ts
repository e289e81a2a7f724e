import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PROTOCOL_VERSION } from "../../src/contract/protocol.ts";
import { programList, runnerHeaders } from "../../src/contract/runner.ts";
import { createPrograms } from "../../src/fleet/programs.ts";
import { createApp } from "../../src/server/app.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { silentLog } from "../support/database.ts";

setDefaultTimeout(120_000);

let api: TestApi;
let folder: string;
beforeAll(async () => {
  api = await testApi();
  folder = await mkdtemp(join(tmpdir(), "programs-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function stage() {
  const place = await mkdtemp(join(folder, "one-"));
  const file = join(place, "running");
  await writeFile(file, "own program");
  const programs = createPrograms(
    { own: { file, platform: "linux-x64" }, folder: join(place, "programs") },
    silentLog,
  );
  const app = createApp(api.deps, { programs });
  const runner = await api.make.runner();
  const get = (path: string, headers: Record<string, string> = {}) =>
    app.request(`/runner/v1/programs${path}`, {
      headers: {
        authorization: `Bearer ${runner.key}`,
        [runnerHeaders.runner]: runner.id,
        [runnerHeaders.protocol]: String(PROTOCOL_VERSION),
        ...headers,
      },
    });
  const list = async () => programList.parse(await (await get("")).json()).programs;
  const put = (name: string, text: string) => Bun.write(join(place, "programs", name), text);
  return { file, get, list, put };
}

test("a control plane offers its own program, with its SHA-256", async () => {
  const { get, list } = await stage();

  expect(await list()).toEqual([{ platform: "linux-x64", sizeBytes: 11, sha256: sha256("own program") }]);
  const answer = await get("/linux-x64");
  expect(answer.headers.get("content-length")).toBe("11");
  expect(await answer.text()).toBe("own program");
});

test("what the operator puts into the folder is offered for its platform, and nothing else of it", async () => {
  const { get, list, put } = await stage();
  await put("app-linux-arm64", "for arm");
  await put("app-win32-x64.exe", "for windows");
  await put("notes.txt", "secret");

  expect((await list()).map(({ platform }) => platform).toSorted((a, b) => a.localeCompare(b))).toEqual([
    "linux-arm64",
    "linux-x64",
    "win32-x64",
  ]);
  expect(await (await get("/win32-x64")).text()).toBe("for windows");
  for (const name of ["notes.txt", "..%2Frunning", "..", "app-linux-arm64"]) {
    expect([name, (await get(`/${name}`)).status]).toEqual([name, 404]);
  }
});

test("of its own platform it offers what runs, whatever lies in the folder", async () => {
  const { get, put } = await stage();
  await put("app-linux-x64", "another version");

  expect(await (await get("/linux-x64")).text()).toBe("own program");
});

test("a file that was replaced is hashed anew", async () => {
  const { list, put } = await stage();
  await put("app-linux-arm64", "before");
  await list();

  await put("app-linux-arm64", "behind");

  const arm = (await list()).find(({ platform }) => platform === "linux-arm64");
  expect(arm?.sha256).toBe(sha256("behind"));
});

test("without a runner's key there is no program", async () => {
  const { get } = await stage();

  const answers = [
    await get("", { authorization: "" }),
    await get("/linux-x64", { authorization: "Bearer sprk_wrong" }),
  ];

  expect(answers.map(({ status }) => status)).toEqual([401, 401]);
});
