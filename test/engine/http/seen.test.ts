import { afterAll, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest, startRawServer, startServer } from "../support.ts";

const read = (name: string) => readFileSync(new URL(`../../support/tls/${name}`, import.meta.url), "utf8");
const ca = read("ca.pem");
const fingerprintOf = (name: string) => new X509Certificate(read(name)).fingerprint256;

const lookup = (hostname: string) =>
  Promise.resolve(
    hostname === "api.example"
      ? [
          { address: "127.0.0.1", family: 4 },
          { address: "::1", family: 6 },
        ]
      : [],
  );
const engine = createEngine({ scripts: noScripts, connection: { extraCaCerts: [ca], lookup } });
afterAll(() => engine.close());

async function startTls(certificate: "server" | "other" | "expired") {
  const sockets = new Set<Socket>();
  const server = createServer(
    { cert: read(`${certificate}.pem`), key: read(`${certificate}.key.pem`) },
    (_request, response) => response.end("secure"),
  );
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test("a step tells what its name resolved to, and which address answered", async () => {
  await using server = await startServer();

  const step = await runRequest(`http://api.example:${server.port}/`, { engine });

  expect(step.addresses).toEqual(["127.0.0.1", "::1"]);
  expect(step.response?.remoteAddress).toBe("127.0.0.1");
  expect(step.response?.mediaType).toBe("application/json");
  expect(step.response?.shape?.paths).toContain("$.method: string");
  expect(step.response?.certificate).toBeUndefined();
});

test("the address is known though the server ends the connection with its answer", async () => {
  await using server = await startServer((_request, response) => {
    response.setHeader("connection", "close");
    response.end();
  });

  const step = await runRequest(server.url, { engine });

  expect(step.response?.remoteAddress).toBe("127.0.0.1");
});

test("a target that refuses leaves what its name resolved to", async () => {
  const step = await runRequest("http://api.example:1/", { engine });

  expect(step.errors[0]).toMatchObject({ kind: "target", code: "ECONNREFUSED" });
  expect(step.addresses).toEqual(["127.0.0.1", "::1"]);
});

test("one that does not answer in time as well", async () => {
  await using silent = await startRawServer(() => {});

  const step = await runRequest(`http://api.example:${silent.port}/`, {
    engine,
    options: { requestTimeoutMs: 100 },
  });

  expect(step.errors[0]).toMatchObject({ code: "ESOCKETTIMEDOUT" });
  expect(step.addresses).toEqual(["127.0.0.1", "::1"]);
});

test("a name that leads nowhere leaves nothing", async () => {
  const step = await runRequest("http://nowhere.example/", { engine });

  expect(step.errors[0]?.kind).toBe("dns");
  expect(step.addresses).toBeUndefined();
});

test("the certificate of the server is told, also on a connection that was kept alive", async () => {
  await using server = await startTls("server");
  const request = `https://localhost:${server.port}/`;

  const { steps } = await runItems(
    [
      { name: "new", request },
      { name: "kept", request },
    ],
    { engine },
  );

  const [first, second] = steps.map(({ response }) => response?.certificate);
  const shown = new X509Certificate(read("server.pem"));
  expect(first).toMatchObject({
    validFrom: new Date(shown.validFrom).toISOString(),
    validTo: new Date(shown.validTo).toISOString(),
    fingerprint256: shown.fingerprint256,
    subject: expect.stringContaining("CN="),
    names: expect.arrayContaining(["localhost"]),
  });
  expect(steps[1]?.timings?.tlsMs).toBe(0);
  expect(second).toEqual(first);
});

test.each(["expired", "other"] as const)(
  "one that is refused is told beside the error (%s)",
  async (name) => {
    await using server = await startTls(name);

    const step = await runRequest(`https://127.0.0.1:${server.port}/`, { engine });

    expect(step.errors[0]?.kind).toBe("target");
    expect(step.response).toBeUndefined();
    expect(step.certificate?.fingerprint256).toBe(fingerprintOf(`${name}.pem`));
  },
);

test("behind a proxy the certificate is that of the server, and names are the proxy's affair", async () => {
  await using server = await startTls("server");
  await using proxy = await startRawServer((socket, head) => {
    if (!head.startsWith("CONNECT ")) return;
    const upstream = connect({ host: "127.0.0.1", port: server.port }, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.removeAllListeners("data");
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on("error", () => socket.destroy());
    socket.once("close", () => upstream.destroy());
  });
  const proxied = createEngine({
    scripts: noScripts,
    connection: { extraCaCerts: [ca], httpsProxy: `http://127.0.0.1:${proxy.port}` },
  });

  try {
    const step = await runRequest(`https://localhost:${server.port}/`, { engine: proxied });

    expect(step.response?.certificate?.fingerprint256).toBe(fingerprintOf("server.pem"));
    expect(step.response?.remoteAddress).toBe("127.0.0.1");
    expect(step.addresses).toBeUndefined();
  } finally {
    await proxied.close();
  }
});
