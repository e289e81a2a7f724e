import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { RUNNER_ID } from "../support/fake-control-plane.ts";
import { runProgram } from "../support/program.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

const credentials = ["--id", RUNNER_ID, "--key", "k", "--server", "http://127.0.0.1:9"];

test.each([
  ["no id", [], 2, "The runner id is missing"],
  ["an id that is none", ["--id", "../x"], 2, "is not an id"],
  ["no server", ["--id", RUNNER_ID], 2, "--server"],
  [
    "no key and no terminal",
    ["--id", RUNNER_ID, "--server", "http://127.0.0.1:9"],
    2,
    "The runner key is missing",
  ],
  [
    "nothing on standard input",
    ["--id", RUNNER_ID, "--server", "http://127.0.0.1:9", "--key", "-"],
    2,
    "The runner key is missing",
  ],
  [
    "both proxies",
    [...credentials, "--proxy", "http://p:1", "--egress-proxy"],
    2,
    "--egress-proxy and --proxy",
  ],
  ["a proxy that is none", [...credentials, "--proxy", "ftp://p:1"], 2, "--proxy must be"],
  [
    "a server proxy that is none",
    [...credentials, "--server-proxy", "ftp://p:1"],
    2,
    "--server-proxy must be",
  ],
  [
    "a rule that is none",
    [...credentials, "--allow", "https://api.example/"],
    2,
    '--allow: "https://api.example/" is not a rule',
  ],
  [
    "a range that is none",
    [...credentials, "--deny", "10.0.0.0/33"],
    2,
    '--deny: "10.0.0.0/33" is not a rule',
  ],
  [
    "an egress proxy without a service",
    [...credentials, "--egress-proxy"],
    2,
    "--egress-proxy-authz-url or POSTMAN_RUNNER_AUTHZ_URL",
  ],
  [
    "a missing CA file",
    [...credentials, "--ssl-extra-ca-certs", "/nonexistent.pem"],
    1,
    "/nonexistent.pem cannot be used",
  ],
  ["an unusable data folder", [...credentials, "--data-dir", "/dev/null/x"], 1, "--data-dir"],
])("%s stops the start with one sentence", async (_, args, exitCode, sentence) => {
  const ended = await runProgram(["runner", "start", ...args]);

  expect(ended.exitCode).toBe(exitCode);
  expect(ended.stderr.trim().split("\n")).toHaveLength(1);
  expect(ended.stderr).toContain(sentence);
});

test("a CA file without a certificate stops the start", async () => {
  const folder = await mkdtemp(join(tmpdir(), "runner-options-"));
  const file = join(folder, "ca.pem");
  await writeFile(file, "no certificate");

  const ended = await runProgram(["runner", "start", ...credentials, "--ssl-extra-ca-certs", file]);

  expect(ended.exitCode).toBe(1);
  await rm(folder, { recursive: true });
  expect(ended.stderr).toContain("contains no PEM certificate");
});

test("a proxy that is refused keeps its password to itself", async () => {
  const proxy = "ftp://user:proxy-password@proxy.example:1080";

  const byOption = await runProgram(["runner", "start", ...credentials, "--proxy", proxy]);
  const byVariable = await runProgram(["runner", "start", ...credentials], { HTTPS_PROXY: proxy });

  expect(byOption.stderr).toContain('--proxy must be an http:// or https:// address, not "ftp://***@proxy');
  expect(byVariable.stderr).toContain("HTTPS_PROXY must be");
  expect(byOption.stderr + byVariable.stderr).not.toContain("proxy-password");
});
