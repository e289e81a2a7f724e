import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runProgram } from "../support/program.ts";
import { type ServedApi, servedApi } from "../support/served-api.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: ServedApi;
let folder: string;
let runner: { id: string; key: string };
beforeAll(async () => {
  api = await servedApi();
  folder = await mkdtemp(join(tmpdir(), "doctor-test-"));
  runner = (await api.call("POST", "/runners", { runner: { name: "Examined" } })).body.runner;
});
afterAll(async () => {
  await Promise.all([api.stop(), rm(folder, { recursive: true, force: true })]);
});

const servers: { stop(closeActive: boolean): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

const tlsFolder = join(import.meta.dir, "../support/tls");

/** Something that listens, and answers in a way of its own. */
function serve(fetch: (request: Request) => Response | Promise<Response>, withTls = false): string {
  const tls = {
    cert: Bun.file(join(tlsFolder, "server.pem")),
    key: Bun.file(join(tlsFolder, "server.key.pem")),
  };
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch, ...(withTls && { tls }) });
  servers.push(server);
  return server.url.origin.replace("127.0.0.1", withTls ? "localhost" : "127.0.0.1");
}

interface Finding {
  check: string;
  isFine: boolean;
  detail: string;
  advice?: string;
}

async function examine(server: string, args: string[] = [], env: Record<string, string> = {}) {
  const { exitCode, stdout, stderr } = await runProgram(
    ["doctor", "--server", server, "--data-dir", folder, "--json", ...args],
    { APP_ID: runner.id, APP_KEY: runner.key, ...env },
  );
  if (!stdout.startsWith("[")) throw new Error(`no findings: ${stderr}`);
  const findings = JSON.parse(stdout) as Finding[];
  return { exitCode, findings, wrong: findings.filter(({ isFine }) => !isFine) };
}

test("where all is well every check says so, in the order of need", async () => {
  const target = serve(() => new Response("here"));

  const { exitCode, findings } = await examine(api.url, ["--target", `${target}/orders`]);

  expect(findings.filter(({ isFine }) => !isFine)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual([
    "program",
    "data folder",
    "scripts",
    "name",
    "connection",
    "control plane",
    "clock",
    "key",
    "versions",
    "target",
  ]);
  expect(findings.find(({ check }) => check === "key")?.detail).toBe("accepted for the runner Examined");
  expect(findings.at(-1)?.detail).toContain(`${target}/orders answers 200`);
  expect(exitCode).toBe(0);
});

test("it registers nothing and takes no run", async () => {
  await examine(api.url);

  const { body } = await api.call("GET", `/runners/${runner.id}/instances`);
  expect(body.data).toEqual([]);
});

const closedPort = "http://127.0.0.1:9";

test.each<[string, () => string, string, string]>([
  ["a name that nobody knows", () => "http://nowhere.invalid:4600", "name", "name server"],
  ["a port where nobody listens", () => closedPort, "connection", "nobody listens there"],
  [
    "an address of something else",
    () => serve(() => new Response("<html>")),
    "control plane",
    "check the address",
  ],
  [
    "a control plane whose clock is ten minutes off",
    () =>
      serve((request) =>
        request.url.endsWith("/healthz")
          ? Response.json(
              { status: "alive" },
              { headers: { date: new Date(Date.now() - 600_000).toUTCString() } },
            )
          : new Response(null, { status: 404 }),
      ),
    "clock",
    "NTP",
  ],
  [
    "an older control plane that wants an older runner",
    () =>
      serve((request) =>
        request.url.endsWith("/healthz")
          ? Response.json({ status: "alive" })
          : new Response(null, { status: 426, headers: { "x-sallyport-protocols": "7-9" } }),
      ),
    "versions",
    "upgrade the side",
  ],
  [
    "a certificate of an unknown authority",
    () => serve(() => new Response(), true),
    "certificate",
    "--ssl-extra-ca-certs",
  ],
])("%s is found, with what to do", async (_case, address, check, advice) => {
  const { exitCode, wrong } = await examine(address());

  expect(wrong[0]).toMatchObject({ check, advice: expect.stringContaining(advice) });
  expect(exitCode).toBe(1);
});

test("with its authority a certificate is good, and it is said for how long", async () => {
  const address = serve(() => Response.json({ status: "alive" }), true);

  const { findings } = await examine(address, ["--ssl-extra-ca-certs", join(tlsFolder, "ca.pem")]);

  expect(findings.find(({ check }) => check === "certificate")).toMatchObject({
    isFine: true,
    detail: expect.stringMatching(/valid for \d+ days/),
  });
});

test("a wrong key is found, and without one the rest is examined", async () => {
  const wrongKey = await examine(api.url, [], { APP_KEY: "sprk_wrong" });
  const noKey = await examine(api.url, [], { APP_ID: "", APP_KEY: "" });

  expect(wrongKey.wrong).toMatchObject([{ check: "key", advice: expect.stringContaining("reset the key") }]);
  expect(noKey.exitCode).toBe(0);
  expect(noKey.findings.at(-1)).toMatchObject({ check: "key", detail: "not tried: give --id and --key" });
});

test("a proxy that cannot be reached, and one that wants credentials, are told apart", async () => {
  const asking = serve(() => new Response(null, { status: 407 }));

  const gone = await examine(api.url, ["--server-proxy", closedPort]);
  const refused = await examine(api.url, ["--server-proxy", asking]);
  const ofRequests = await examine(api.url, ["--proxy", closedPort]);

  expect(gone.wrong[0]).toMatchObject({ check: "connection", detail: expect.stringContaining("the proxy") });
  expect(refused.wrong[0]).toMatchObject({ check: "control plane", detail: expect.stringContaining("407") });
  expect(ofRequests.wrong[0]).toMatchObject({
    check: "proxy",
    detail: expect.stringContaining("ECONNREFUSED"),
  });
});

test("a target is asked with the rules of the runner in the way", async () => {
  const denied = await examine(api.url, ["--target", "http://127.0.0.1:9/", "--deny", "127.0.0.1"]);
  const unreachable = await examine(api.url, ["--target", "http://127.0.0.1:9/"]);

  expect(denied.wrong).toMatchObject([{ check: "target", advice: expect.stringContaining("--deny") }]);
  expect(unreachable.wrong).toMatchObject([{ check: "target", advice: expect.stringContaining("firewall") }]);
});

test("a person reads one line for each check, and below a wrong one what to do", async () => {
  const { stdout } = await runProgram(["doctor", "--server", closedPort, "--data-dir", folder]);

  expect(stdout).toMatch(/^ok {4}data folder/m);
  expect(stdout).toMatch(/^FAIL {2}connection .*\n {22}→ start the control plane/m);
});
