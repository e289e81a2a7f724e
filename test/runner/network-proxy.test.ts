import { expect, setDefaultTimeout, test } from "bun:test";

import { startServer } from "../engine/support.ts";
import { eventually } from "../support/eventually.ts";
import { startForwardProxy } from "../support/forward-proxy.ts";
import { request, startRunnerProgram } from "../support/runner-program.ts";
import { readTls, startTlsServer } from "../support/tls-server.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

const caFile = { "ca.pem": readTls("ca.pem") };
const trustCa = ["--ssl-extra-ca-certs", "@ca.pem"];
const hostOf = (url: string) => new URL(url).host;
const withCredentials = (url: string, credentials: string) => url.replace("://", `://${credentials}@`);

test("--proxy takes plain requests and tunnels, with its credentials, and neither log nor result shows them", async () => {
  await using proxy = await startForwardProxy({
    credentials: "us@er:p%ss word",
    names: { "api.internal": "127.0.0.1" },
  });
  await using plain = await startServer();
  await using secret = await startTlsServer();
  const proxyUrl = withCredentials(proxy.url, "us%40er:p%25ss%20word");
  await using runner = await startRunnerProgram({ args: ["--proxy", proxyUrl, ...trustCa], files: caFile });

  const { steps, summary, stored } = await runner.run([
    request(`http://api.internal:${plain.port}/a`),
    request(secret.url),
  ]);

  expect(steps.flatMap(({ errors }) => errors)).toEqual([]);
  expect(summary.outcome).toBe("passed");
  expect(proxy.asked).toEqual([`GET api.internal:${plain.port}`, `CONNECT ${hostOf(secret.url)}`]);
  const shown = stored + runner.program.lines.join("");
  expect(shown).toContain(`***@${hostOf(proxy.url)}`);
  expect(shown).not.toMatch(/p%ss|p%25ss|word"|Proxy-Authorization/i);
});

test.each(["HTTP_PROXY", "http_proxy"])("%s and its sibling choose the proxy by scheme", async (name) => {
  await using forHttp = await startForwardProxy();
  await using forHttps = await startForwardProxy();
  await using plain = await startServer();
  await using secret = await startTlsServer();
  const sibling = name.replace(/http/i, (http) => (http === "http" ? "https" : "HTTPS"));
  await using runner = await startRunnerProgram({
    args: trustCa,
    files: caFile,
    // As many write it: without a scheme.
    env: { [name]: hostOf(forHttp.url), [sibling]: forHttps.url },
  });

  await runner.run([request(plain.url), request(secret.url)]);

  expect(forHttp.asked).toEqual([`GET ${hostOf(plain.url)}`]);
  expect(forHttps.asked).toEqual([`CONNECT ${hostOf(secret.url)}`]);
});

test("what NO_PROXY names is reached directly, by --proxy too; the rest is not", async () => {
  await using proxy = await startForwardProxy({ names: { "api.internal": "127.0.0.1" } });
  await using server = await startServer();
  await using runner = await startRunnerProgram({
    args: ["--proxy", proxy.url],
    env: { NO_PROXY: "other.example, 127.0.0.0/8" },
  });

  await runner.run([request(server.url), request(`http://api.internal:${server.port}/`)]);

  expect(server.requests).toHaveLength(2);
  expect(proxy.asked).toEqual([`GET api.internal:${server.port}`]);
});

test("a proxy that speaks TLS with a certificate of one's own authority", async () => {
  const tls = { cert: readTls("server.pem"), key: readTls("server.key.pem") };
  await using proxy = await startForwardProxy({ tls });
  await using plain = await startServer();
  await using secret = await startTlsServer();
  await using trusting = await startRunnerProgram({
    args: ["--proxy", proxy.url, ...trustCa],
    files: caFile,
  });
  await using doubting = await startRunnerProgram({ args: ["--proxy", proxy.url] });

  const { summary } = await trusting.run([request(plain.url), request(secret.url)]);
  const doubted = await doubting.run([request(plain.url)]);

  expect(summary.outcome).toBe("passed");
  expect(proxy.asked).toEqual([`GET ${hostOf(plain.url)}`, `CONNECT ${hostOf(secret.url)}`]);
  expect(doubted.summary).toMatchObject({ outcome: "errored", reason: "proxy" });
});

test.each(["http", "https"])(
  "a proxy that knows other credentials is the proxy's fault for %s",
  async (scheme) => {
    await using proxy = await startForwardProxy({ credentials: "user:right" });
    const proxyUrl = withCredentials(proxy.url, "user:wrong-password");
    await using runner = await startRunnerProgram({ args: ["--proxy", proxyUrl] });

    const { summary, steps, stored } = await runner.run([request(`${scheme}://api.internal/`)]);

    expect(summary).toMatchObject({ outcome: "errored", reason: "proxy" });
    expect(steps[0]?.errors[0]?.message).toContain("407");
    expect(stored + runner.program.lines.join("")).not.toContain("wrong-password");
  },
);

test("--server-proxy carries the calls to the control plane and nothing else; the environment's proxies carry none", async () => {
  await using forServer = await startForwardProxy({ credentials: "user:server-password" });
  await using forRequests = await startForwardProxy();
  await using server = await startServer();
  await using runner = await startRunnerProgram({
    args: ["--server-proxy", withCredentials(forServer.url, "user:server-password")],
    env: { HTTP_PROXY: forRequests.url, HTTPS_PROXY: forRequests.url },
  });

  const { summary } = await runner.run([request(server.url)]);

  expect(summary.outcome).toBe("passed");
  expect(new Set(forServer.asked)).toEqual(new Set([`POST ${hostOf(runner.fake.url)}`]));
  expect(forRequests.asked).toEqual([`GET ${hostOf(server.url)}`]);
  expect(runner.program.lines.join("")).not.toContain("server-password");
});

test("without --server-proxy the control plane is called directly", async () => {
  await using proxy = await startForwardProxy();
  await using runner = await startRunnerProgram({
    env: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, http_proxy: proxy.url },
  });

  await eventually(() => runner.fake.claims.length > 0);

  expect(proxy.asked).toEqual([]);
});

test("a --server-proxy that refuses is named in the log, without its credentials, and asked again", async () => {
  await using proxy = await startForwardProxy({ credentials: "user:right" });
  await using runner = await startRunnerProgram({
    args: ["--server-proxy", withCredentials(proxy.url, "user:wrong-password")],
  });

  await eventually(() => proxy.asked.length > 1);

  const log = runner.program.lines.join("");
  expect(log).toContain(`through the proxy ${proxy.url} (the proxy asks for other credentials (407))`);
  expect(log).not.toContain("wrong-password");
});

test("a --server-proxy may speak TLS itself", async () => {
  const tls = { cert: readTls("server.pem"), key: readTls("server.key.pem") };
  await using proxy = await startForwardProxy({ tls });
  await using runner = await startRunnerProgram({
    args: ["--server-proxy", proxy.url, ...trustCa],
    files: caFile,
  });

  await eventually(() => runner.fake.claims.length > 0);

  expect(proxy.asked).toContain(`POST ${hostOf(runner.fake.url)}`);
});

test("what a security person should know about the settings is said at the start", async () => {
  await using runner = await startRunnerProgram({
    // An address of this machine that is none of loopback.
    args: ["--server", "http://0.0.0.0:9"],
    env: {
      HTTPS_PROXY: "http://user:password@127.0.0.1:9",
      POSTMAN_RUNNER_AUTHZ_URL: "http://127.0.0.1:9",
    },
  });
  const { lines } = runner.program;

  await eventually(() => lines.some((line) => line.includes("control plane does not answer")), {
    timeoutMs: 20_000,
  });

  const warnings = lines
    .filter((line) => line.includes("Check the settings"))
    .map((line) => JSON.parse(line).why);
  expect(warnings).toEqual([
    "the authorization service is not asked: that takes --egress-proxy",
    "the runner's key and results travel unencrypted to an http:// control plane",
    "HTTP_PROXY and HTTPS_PROXY are not for calls to the control plane: that takes --server-proxy",
  ]);
  expect(lines.join("")).toContain('"httpsProxy":"http://***@127.0.0.1:9"');
});
