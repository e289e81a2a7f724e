import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { createEngine } from "../../src/engine/engine.ts";
import { createFileSource, noFiles } from "../../src/engine/files.ts";
import { noScripts, runDocument, runRequest, startServer, type ReceivedRequest } from "./support.ts";

let folder = "";
let workingDir = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "files-"));
  workingDir = join(folder, "work");
  await mkdir(join(workingDir, "sub"), { recursive: true });
  await Promise.all([
    Bun.write(join(folder, "outside.txt"), "outside"),
    Bun.write(join(folder, "work-not", "near.txt"), "near"),
    Bun.write(join(workingDir, "up.txt"), "file text"),
    Bun.write(join(workingDir, "sub", "pic.PNG"), new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 0, 255])),
    Bun.write(join(workingDir, "data.zzz"), "zz"),
    Bun.write(join(workingDir, "empty.csv"), ""),
    Bun.write(join(workingDir, "ü 日.csv"), "a,b\n"),
    Bun.write(join(workingDir, "..odd"), "odd"),
    symlink(join(folder, "outside.txt"), join(workingDir, "link.txt")),
    symlink(join(workingDir, "up.txt"), join(workingDir, "inner-link.txt")),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (path: string, allowOutside: boolean) =>
  Buffer.from(await createFileSource({ workingDir, allowOutside }).read(path)).toString();

test.each(["up.txt", "./up.txt", "sub/../up.txt", "inner-link.txt"])(
  "%s is inside the folder",
  async (path) => {
    expect(await read(path, false)).toBe("file text");
  },
);

test("a name that begins with two dots is inside, too, and an absolute path may be", async () => {
  expect(await read("..odd", false)).toBe("odd");
  expect(await read(join(workingDir, "up.txt"), false)).toBe("file text");
});

test.each([
  "../outside.txt",
  "sub/../../outside.txt",
  "link.txt",
  "/etc/hostname",
  "../work-not/near.txt",
  "..",
])("%s is outside: refused unless that is allowed", async (path) => {
  await expect(read(path, false)).rejects.toThrow("PPERM: insecure file access outside working directory");
});

test("outside may be read where that is allowed", async () => {
  expect(await read("../outside.txt", true)).toBe("outside");
  expect(await read(join(folder, "outside.txt"), true)).toBe("outside");
});

test.each([
  ["missing.txt", '"missing.txt", no such file'],
  ["up.txt/below", '"up.txt/below", no such file'],
  ["sub", '"sub", is not a file'],
  ["bad\0name", "bad"],
])("%j says why it cannot be read", async (path, message) => {
  await expect(read(path, true)).rejects.toThrow(message);
});

test.skipIf(process.platform === "win32")("a pipe is no file, and nobody waits for its writer", async () => {
  const pipe = join(workingDir, "pipe");
  expect(await Bun.spawn(["mkfifo", pipe]).exited).toBe(0);

  await expect(read("pipe", true)).rejects.toThrow('"pipe", is not a file');
});

test.skipIf(process.getuid?.() === 0)("a file without the permission says so", async () => {
  const path = join(workingDir, "secret.txt");
  await Bun.write(path, "secret");
  await chmod(path, 0);

  await expect(read("secret.txt", true)).rejects.toThrow("read permission denied");
});

test("without a source a file is an error of the step, and nothing is sent", async () => {
  await using server = await startServer();
  const upload = {
    method: "POST",
    url: server.url,
    body: { mode: "formdata", formdata: [{ key: "f", type: "file", src: join(workingDir, "up.txt") }] },
  };

  const step = await runRequest(upload);

  expect(step.errors).toEqual([
    {
      kind: "request",
      phase: "request",
      name: "BodyError",
      message: `Form param \`f\`, file load error: "${join(workingDir, "up.txt")}", files are not allowed here`,
    },
  ]);
  expect(server.requests).toEqual([]);
  await expect(noFiles.read("x")).rejects.toThrow("not allowed");
});

const file = (key: string, src: unknown, more: object = {}) => ({ key, src, type: "file", ...more });
const post = (name: string, body: object, more: object = {}) => ({
  name,
  request: { method: "POST", url: `{{base}}/${name}`, body, ...more },
});
const form = (...formdata: object[]) => ({ mode: "formdata", formdata });
const header = (key: string, value: string) => ({ header: [{ key, value }] });

const items = [
  post("binary", { mode: "file", file: { src: "up.txt" } }),
  post("binary-variable", { mode: "file", file: { src: "{{name}}.txt" } }),
  post("binary-unknown", { mode: "file", file: { src: "data.zzz" } }),
  post("binary-own-type", { mode: "file", file: { src: "up.txt" } }, header("content-type", "x/y")),
  post("binary-inlined", { mode: "file", file: { content: "aGVsbG8=" } }),
  post("binary-text", { mode: "file", file: "up.txt" }),
  post("nothing", { mode: "file", file: {} }),
  post(
    "form",
    form(
      { key: "text", value: "{{name}}", type: "text" },
      file("one", "up.txt"),
      file("picture", "sub/pic.PNG"),
      file("named", "up.txt", { fileName: "other.html" }),
      file("typed", "up.txt", { contentType: "text/x-own" }),
      file("ü", "ü 日.csv"),
      file("unknown", "data.zzz"),
      file("inlined", undefined, { value: "aGVsbG8=" }),
      file("inlined and named", undefined, { value: "aGVsbG8=", fileName: "x.json" }),
      file("none", null),
      file("off", "missing.txt", { disabled: true }),
      { key: "object", value: { a: 1 }, type: "text" },
      { key: "null", value: null, type: "text" },
    ),
  ),
  post("many", form(file("many", ["up.txt", "sub/pic.PNG"]))),
  post(
    "own-boundary",
    form(file("f", "up.txt")),
    header("Content-Type", "multipart/form-data; boundary=mine"),
  ),
  post("wrong-type", form(file("f", "up.txt")), header("content-type", "application/json")),
  {
    ...post("type-off", form(file("f", "up.txt"))),
    protocolProfileBehavior: { disabledSystemHeaders: { "content-type": true } },
  },
  {
    ...post("get", { mode: "file", file: { src: "up.txt" } }, { method: "GET" }),
    protocolProfileBehavior: { disableBodyPruning: true },
  },
  post("pruned", { mode: "file", file: { src: "missing.txt" } }, { method: "GET" }),
];

/** Everything on the wire but what differs between any two runs. */
function comparable({ method, url, rawHeaders, body }: ReceivedRequest): string {
  const lines = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && !/^(?:postman-token|user-agent)$/i.test(name)
      ? [`${name}: ${rawHeaders[index + 1] ?? ""}`]
      : [],
  );
  const text = [`${method} ${url}`, ...lines, body].join("\n");
  const [, boundary] = /boundary=(-+\d+)/.exec(text) ?? [];
  return boundary === undefined ? text.replace(/-{26}\d{24}/g, "…") : text.replaceAll(boundary, "…");
}

test("files go out byte by byte as newman sends them, headers in its order", async () => {
  await using server = await startServer((_request, response) => response.end());
  const collection = {
    info: { name: "C", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
    variable: [
      { key: "base", value: server.url },
      { key: "name", value: "up" },
    ],
    item: items,
  };
  await Bun.write(join(folder, "collection.json"), JSON.stringify(collection));

  const program = fileURLToPath(new URL("../../node_modules/newman/bin/newman.js", import.meta.url));
  const newman = Bun.spawn(
    ["node", program, "run", "collection.json", "--working-dir", workingDir, "--silent"],
    { cwd: folder, stdout: "ignore", stderr: "inherit" },
  );
  expect(await newman.exited).toBe(0);
  const expected = server.requests.splice(0).map(comparable);
  const engine = createEngine({
    scripts: noScripts,
    files: createFileSource({ workingDir, allowOutside: false }),
  });
  const { steps } = await runDocument(collection, { engine });
  await engine.close();

  expect(steps.flatMap((step) => step.errors)).toEqual([]);
  expect(expected).toHaveLength(items.length);
  expect(server.requests.map(comparable)).toEqual(expected);
}, 120_000);
