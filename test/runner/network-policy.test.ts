import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startServer, type TestServer } from "../engine/support.ts";
import { eventually } from "../support/eventually.ts";
import { startForwardProxy } from "../support/forward-proxy.ts";
import { before, request, startRunnerProgram } from "../support/runner-program.ts";
import { readTls } from "../support/tls-server.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let server: TestServer;
beforeAll(async () => {
  server = await startServer((incoming, response) => {
    if (incoming.url === "/away") response.writeHead(302, { location: "/denied" }).end();
    else response.end(incoming.url);
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const pathsSince = (count: number) => server.requests.slice(count).map(({ url }) => url);

/** An authorization service over TLS that allows what does not contain `denied`. */
function startService(answer: (url: string) => Response = allowUnlessDenied) {
  const asked: { url: string; method: string; body: string | null }[] = [];
  const service = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls: { cert: readTls("server.pem"), key: readTls("server.key.pem") },
    fetch: async (incoming) => {
      // What the runner sends, by contract.
      const question = (await incoming.json()) as (typeof asked)[number];
      asked.push(question);
      return answer(question.url);
    },
  });
  return {
    url: `https://127.0.0.1:${service.port}`,
    asked,
    stop: () => service.stop(true),
    [Symbol.asyncDispose]: () => service.stop(true),
  };
}

const allowUnlessDenied = (url: string): Response =>
  url.includes("denied")
    ? Response.json({ allowed: false, reason: "rule 7" }, { status: 403 })
    : Response.json({ allowed: true });

const oauth2 = (accessTokenUrl: string) => ({
  type: "oauth2",
  oauth2: { grant_type: "client_credentials", accessTokenUrl, clientId: "id", clientSecret: "secret" },
});

test("the authorization service decides over requests, redirects, pm.sendRequest and tokens", async () => {
  await using service = startService();
  await using runner = await startRunnerProgram({
    args: ["--egress-proxy", "--egress-proxy-authz-url", service.url, "--ssl-extra-ca-certs", "@ca.pem"],
    files: { "ca.pem": readTls("ca.pem") },
    env: { HTTP_PROXY: "http://127.0.0.1:9" },
  });
  const seen = server.requests.length;
  const token = {
    name: "token",
    request: { url: `${server.url}/api`, auth: oauth2(`${server.url}/denied/token`) },
  };
  const script = before(
    `pm.sendRequest("${server.url}/denied/script", (error) => console.log("caught", error.message))`,
  );

  const { steps, summary } = await runner.run([
    request(`${server.url}/fine`),
    request(`${server.url}/denied/plain`),
    request(`${server.url}/away`),
    request(`${server.url}/scripted`, script),
    token,
  ]);

  // The words of the token's error say first what was tried.
  const denied = { kind: "egress_denied", message: expect.stringMatching(/blocked by policy: .*: rule 7$/) };
  expect(steps.map(({ errors }) => errors)).toMatchObject([
    [],
    [{ ...denied, phase: "request" }],
    [{ ...denied, phase: "request" }],
    [{ ...denied, phase: "prerequest" }],
    [{ ...denied, phase: "request" }],
  ]);
  for (const { console } of steps.slice(1))
    expect(console.filter(({ level }) => level === "error")).toMatchObject([
      { messages: [expect.stringContaining("blocked by policy: ")] },
    ]);
  expect(summary).toMatchObject({ outcome: "errored", reason: "egress_denied" });
  expect(pathsSince(seen)).toEqual(["/fine", "/away", "/scripted"]);
  expect(service.asked.map(({ url }) => new URL(url).pathname)).toEqual([
    "/fine",
    "/denied/plain",
    "/away",
    "/denied",
    "/denied/script",
    "/scripted",
    "/denied/token",
  ]);
  const log = runner.program.lines.filter((line) => line.includes("request blocked by policy"));
  expect(log).toHaveLength(4);
  expect(log.join("")).not.toContain("/denied");
});

test("nothing leaves while the authorization service is down, and nothing is remembered", async () => {
  await using service = startService(() => Response.json({ allowed: true }));
  await using runner = await startRunnerProgram({
    args: ["--egress-proxy", "--ssl-extra-ca-certs", "@ca.pem"],
    files: { "ca.pem": readTls("ca.pem") },
    env: { POSTMAN_RUNNER_AUTHZ_URL: service.url },
  });
  const first = await runner.run([request(`${server.url}/once`)]);
  const seen = server.requests.length;

  await service.stop();
  const second = await runner.run([request(`${server.url}/once`)]);

  expect(first.summary.outcome).toBe("passed");
  expect(second.summary).toMatchObject({ outcome: "errored", reason: "egress_denied" });
  expect(second.steps[0]?.errors[0]?.message).toContain("cannot be asked");
  expect(pathsSince(seen)).toEqual([]);
});

test("--allow and --deny, by options or variables, decide before anything is sent", async () => {
  await using byOption = await startRunnerProgram({
    args: ["--allow", "127.0.0.0/8", "--allow", "localhost", "--deny", "127.0.0.2"],
  });
  await using byVariable = await startRunnerProgram({
    env: { APP_ALLOW: "127.0.0.0/8, localhost", APP_DENY: "127.0.0.2" },
  });
  const other = `http://127.0.0.2:${server.port}/`;
  const seen = server.requests.length;

  for (const runner of [byOption, byVariable]) {
    const { steps } = await runner.run([
      request(`${server.url}/a`),
      request(other),
      request("http://10.0.0.1/"),
    ]);

    expect(steps.map(({ errors }) => errors[0]?.message)).toEqual([
      undefined,
      "blocked by policy: 127.0.0.2 is denied by --deny 127.0.0.2",
      "blocked by policy: 10.0.0.1 is not covered by any --allow",
    ]);
  }
  expect(pathsSince(seen)).toEqual(["/a", "/a"]);
});

test("metadata services are denied without any rule", async () => {
  await using runner = await startRunnerProgram();

  const { summary } = await runner.run([request("http://169.254.169.254/latest/meta-data/")]);

  expect(summary).toMatchObject({ outcome: "errored", reason: "egress_denied" });
});

test("through a proxy names are decided on, and rules that need an address let no name through", async () => {
  await using proxy = await startForwardProxy({
    names: { "api.internal": "127.0.0.1", "db.internal": "127.0.0.1" },
  });
  const urls = ["api.internal", "db.internal", "127.0.0.1"].map((host) => `http://${host}:${server.port}/`);
  const items = urls.map((url) => request(url));
  await using byName = await startRunnerProgram({ args: ["--proxy", proxy.url, "--deny", "db.internal"] });
  await using byRange = await startRunnerProgram({ args: ["--proxy", proxy.url, "--deny", "10.0.0.0/8"] });

  const named = await byName.run(items);
  const ranged = await byRange.run(items);

  const kinds = ({ steps }: typeof named) => steps.map(({ errors }) => errors[0]?.kind);
  expect(kinds(named)).toEqual([undefined, "egress_denied", undefined]);
  expect(kinds(ranged)).toEqual(["egress_denied", "egress_denied", undefined]);
  expect(proxy.asked).toHaveLength(3);
});

test("the authorization service of the README, as it stands there, decides by its rules", async () => {
  const readme = await readFile(join(import.meta.dir, "../../README.md"), "utf8");
  const [, code = ""] = /^ {2}```js\n(.*?)^ {2}```/ms.exec(readme) ?? [];
  const [, rules = ""] = /^ {2}```json\n(.*?)^ {2}```/ms.exec(readme) ?? [];
  const folder = await mkdtemp(join(tmpdir(), "authorize-"));
  await writeFile(join(folder, "authorize.mjs"), code);
  await writeFile(join(folder, "rules.json"), rules);
  const port = await freePort();
  const service = Bun.spawn(["node", "authorize.mjs"], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", PORT: String(port) },
  });
  await using runner = await startRunnerProgram({
    args: ["--egress-proxy", "--egress-proxy-authz-url", `http://127.0.0.1:${port}`],
  });
  await eventually(() => fetch(`http://127.0.0.1:${port}`).catch(() => undefined));
  const seen = server.requests.length;

  const { steps } = await runner.run([
    request(`${server.url}/orders/1`),
    request(`${server.url}/other`),
    request("http://payroll.corp.example/"),
  ]);

  service.kill();
  await service.exited;
  await rm(folder, { recursive: true });
  expect(steps.map(({ errors }) => errors[0]?.message?.replace(/.*\): /, ""))).toEqual([
    undefined,
    "no rule allows it",
    "payroll is off limits",
  ]);
  expect(pathsSince(seen)).toEqual(["/orders/1"]);
  expect(code.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
});

async function freePort(): Promise<number> {
  const probe = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const { port = 0 } = probe;
  await probe.stop(true);
  return port;
}
