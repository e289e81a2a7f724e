import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startServer } from "../engine/support.ts";
import { RUNNER_ID } from "../support/fake-control-plane.ts";
import { runProgram } from "../support/program.ts";
import { before, request, startRunnerProgram } from "../support/runner-program.ts";
import { readTls, startTlsServer } from "../support/tls-server.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function newFolder(files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "network-tls-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

const tlsFile = (name: string): string => join(import.meta.dir, "../support/tls", name);

test("of a file with several authorities each is trusted", async () => {
  await using server = await startTlsServer();
  const files = { "ca.pem": `# ours\n${readTls("client-ca.pem")}\n# theirs\n${readTls("ca.pem")}` };
  await using runner = await startRunnerProgram({ args: ["--ssl-extra-ca-certs", "@ca.pem"], files });

  expect((await runner.run([request(server.url)])).summary.outcome).toBe("passed");
});

test("a client certificate is shown to the servers that its entry names, and to no other", async () => {
  const asksForOne = { ca: readTls("client-ca.pem"), requestCert: true, rejectUnauthorized: false };
  await using named = await startTlsServer(asksForOne);
  await using other = await startTlsServer(asksForOne);
  const entry = {
    name: "ours",
    matches: [`https://127.0.0.1:${named.port}/*`],
    cert: { src: tlsFile("client.pem") },
    key: { src: tlsFile("client.encrypted.key.pem") },
    passphrase: "secret",
  };
  await using runner = await startRunnerProgram({
    args: ["--ssl-client-cert-list", "@list.json", "--ssl-extra-ca-certs", "@ca.pem"],
    files: { "list.json": JSON.stringify([entry]), "ca.pem": readTls("ca.pem") },
  });

  const { summary } = await runner.run([request(named.url), request(other.url)]);

  expect(summary.outcome).toBe("passed");
  expect(named.clients).toEqual(["client"]);
  expect(other.clients).toEqual([""]);
});

const pem = { cert: { src: tlsFile("client.pem") }, key: { src: tlsFile("client.key.pem") } };
const listOf = (entry: object): string => JSON.stringify([{ matches: ["https://a.example/*"], ...entry }]);

test.each([
  ["no JSON", "--ssl-client-cert-list", "[{", "JSON"],
  ["a list of another shape", "--ssl-client-cert-list", "{}", "array"],
  [
    "a certificate that is not there",
    "--ssl-client-cert-list",
    listOf({ ...pem, cert: { src: "/none.pem" } }),
    "/none.pem",
  ],
  ["a certificate without a key", "--ssl-client-cert-list", listOf({ cert: pem.cert }), "it has no key"],
  ["a key without a certificate", "--ssl-client-cert-list", listOf({ key: pem.key }), "it has no cert"],
  [
    "the key of another certificate",
    "--ssl-client-cert-list",
    listOf({ ...pem, key: { src: tlsFile("server.key.pem") } }),
    "its key belongs to another certificate",
  ],
  [
    "a key under another passphrase",
    "--ssl-client-cert-list",
    listOf({ ...pem, key: { src: tlsFile("client.encrypted.key.pem") }, passphrase: "wrong-phrase" }),
    "the certificate for https://a.example/*",
  ],
  [
    "a container under another passphrase",
    "--ssl-client-cert-list",
    listOf({ pfx: { src: tlsFile("client.pfx") }, passphrase: "wrong-phrase" }),
    "the certificate for https://a.example/*",
  ],
  [
    "a damaged authority",
    "--ssl-extra-ca-certs",
    damaged(readTls("ca.pem")),
    "certificate 1 in it is damaged",
  ],
  ["secrets in no known form", "--secrets", "my-secret-value without a name", "line 1 is not NAME=value"],
  ["no secrets", "--secrets", "# none yet\n", "it holds no secret"],
])("%s stops the start with the file and the reason", async (_, option, content, reason) => {
  const file = join(await newFolder({ file: content }), "file");

  const { exitCode, stderr } = await runProgram(
    ["runner", "start", "--id", RUNNER_ID, "--key", "k", "--server", "http://127.0.0.1:9"].concat(
      option,
      file,
    ),
  );

  expect(exitCode).toBe(1);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(file);
  expect(stderr).toContain(option);
  expect(stderr).toContain(reason);
  expect(stderr).not.toMatch(/wrong-phrase|my-secret-value/);
});

function damaged(text: string): string {
  const lines = text.split("\n");
  return [...lines.slice(0, 2), ...lines.slice(4)].join("\n");
}

/** As Kubernetes mounts them: names are links into a folder of this version. */
async function mountedSecrets(secrets: Record<string, string>): Promise<string> {
  const folder = await newFolder();
  await mkdir(join(folder, "..2026"));
  await symlink("..2026", join(folder, "..data"));
  for (const [name, value] of Object.entries(secrets)) {
    await writeFile(join(folder, "..2026", name), value);
    await symlink(join("..data", name), join(folder, name));
  }
  return folder;
}

test.each(["file", "folder"])(
  "secrets of a %s are used in runs, and nothing of them reaches the control plane",
  async (form) => {
    await using server = await startServer((incoming, response) =>
      response.end(JSON.stringify(incoming.headers)),
    );
    const secrets = {
      "api-key": "vault-value-1",
      password: 'quo"ted vault-value-2',
      unread: "vault-value-3",
    };
    const place = form === "folder" ? await mountedSecrets(secrets) : "@secrets.json";
    await using runner = await startRunnerProgram({
      args: ["--secrets", place],
      files: { "secrets.json": JSON.stringify(secrets) },
    });
    const sent: string[] = [];
    runner.fake.intercept = (_call, body) => void sent.push(JSON.stringify(body));
    const script = before(
      `const password = await pm.vault.get("password");`,
      `console.log("read", password, btoa(password));`,
      `pm.environment.set("copy", password);`,
      `await pm.sendRequest("${server.url}/?p=" + encodeURIComponent(password));`,
      `throw new Error(password);`,
    );

    const { stored } = await runner.run([
      request(server.url, script),
      {
        name: "{{vault:api-key}}",
        request: { url: server.url, header: [{ key: "X-Key", value: "{{vault:api-key}}" }] },
      },
      { name: "r", request: { url: `${server.url}/{{copy}}`, auth: basic("{{vault:api-key}}") } },
      // An API may give away what the run never asked the vault for.
      request(`${server.url}/vault-value-3`),
    ]);

    const arrived = server.requests.map(({ headers }) => headers);
    expect(arrived).toHaveLength(5);
    expect(arrived[2]?.["x-key"]).toBe("vault-value-1");
    expect(arrived[3]?.authorization).toBe(`Basic ${btoa("user:vault-value-1")}`);
    expect(stored).toContain("«password»");
    expect(stored).toContain("«api-key»");
    const shown = stored + sent.join("") + runner.program.lines.join("");
    for (const trace of ["vault-value", btoa(secrets.password).slice(4, -4), "quo%22ted"])
      expect(shown).not.toContain(trace);
  },
);

const basic = (password: string) => ({
  type: "basic",
  basic: [
    { key: "username", value: "user" },
    { key: "password", value: password },
  ],
});

test("a secret that is too short to be kept out of results is named when the runner starts", async () => {
  await using runner = await startRunnerProgram({
    args: ["--secrets", "@secrets"],
    files: { secrets: "PIN=042\nKEY=long-enough\n" },
  });

  await runner.run([]);

  const warnings = runner.program.lines.filter((line) => line.includes("Check the settings"));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("PIN");
  expect(warnings[0]).not.toContain("042");
});
