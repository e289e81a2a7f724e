import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest } from "../support.ts";

const read = (name: string) => readFileSync(new URL(`../../support/tls/${name}`, import.meta.url), "utf8");
const ca = read("ca.pem");

const trusting = createEngine({ scripts: noScripts, connection: { extraCaCerts: [ca] } });
const engine = createEngine({ scripts: noScripts });
afterAll(() => Promise.all([trusting.close(), engine.close()]));

async function startTls(certificate: "server" | "other" | "expired") {
  let connections = 0;
  const server = createServer(
    { cert: read(`${certificate}.pem`), key: read(`${certificate}.key.pem`) },
    (_request, response) => response.end("secure"),
  );
  server.on("secureConnection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://127.0.0.1:${port}/`,
    connections: () => connections,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

test("a server signed by an extra CA is trusted, by address and by name, and TLS is timed", async () => {
  await using server = await startTls("server");

  const byAddress = await runRequest(server.url, { engine: trusting });
  const byName = await runRequest(`https://localhost:${server.port}/`, { engine: trusting });

  expect(byAddress.errors).toEqual([]);
  expect(byAddress.response?.body.text).toBe("secure");
  expect(byAddress.timings?.tlsMs).toBeGreaterThan(0);
  expect(byName.errors).toEqual([]);
});

test("without the CA the certificate is refused as the target's fault", async () => {
  await using server = await startTls("server");

  const step = await runRequest(server.url, { engine });

  expect(step.errors[0]?.kind).toBe("target");
  expect(step.errors[0]?.code).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER/);
});

test("strictSsl off accepts any certificate, for that run or that request only", async () => {
  await using server = await startTls("other");

  const lax = await runRequest(server.url, { engine, options: { strictSsl: false } });
  const { steps } = await runItems(
    [
      { name: "lax", request: server.url, protocolProfileBehavior: { strictSSL: false } },
      { name: "strict", request: server.url },
    ],
    { engine },
  );

  expect(lax.response?.code).toBe(200);
  expect(steps[0]?.response?.code).toBe(200);
  expect(steps[1]?.errors[0]?.kind).toBe("target");
});

test("a certificate for another name is refused", async () => {
  await using server = await startTls("other");

  const step = await runRequest(server.url, { engine: trusting });

  expect(step.errors[0]).toMatchObject({ kind: "target", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
});

test("an expired certificate is refused", async () => {
  await using server = await startTls("expired");

  const step = await runRequest(server.url, { engine: trusting });

  expect(step.errors[0]).toMatchObject({ kind: "target", code: "CERT_HAS_EXPIRED" });
});

test("a TLS connection is kept alive", async () => {
  await using server = await startTls("server");
  const item = [1, 2].map((number) => ({ name: `r${number}`, request: server.url }));

  const { steps } = await runItems(item, { engine: trusting });

  expect(steps.map((step) => step.response?.code)).toEqual([200, 200]);
  expect(steps[1]?.timings?.tlsMs).toBe(0);
});

test("plain HTTP where TLS is expected is target", async () => {
  using plain = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("plain") });

  const step = await runRequest(`https://127.0.0.1:${plain.port}/`, { engine });

  expect(step.errors[0]?.kind).toBe("target");
});

test("a certificate that is not one stops the engine at its start", () => {
  expect(() =>
    createEngine({ scripts: noScripts, connection: { extraCaCerts: ["not a certificate"] } }),
  ).toThrow();
});
