import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";

import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import {
  everyUrl,
  readClientCertificates,
  toMatcher,
  type ClientCertificate,
} from "../../../src/engine/http/client-certificates.ts";
import { encodeUrl } from "../../../src/engine/url-encode.ts";
import { parseUrl } from "../../../src/engine/url.ts";
import { noScripts, runItems, runRequest } from "../support.ts";

const path = (name: string) => fileURLToPath(new URL(`../../support/tls/${name}`, import.meta.url));
const read = (name: string) => readFileSync(path(name));

const engines: Engine[] = [];
afterAll(() => Promise.all(engines.map((engine) => engine.close())));

function engineWith(...clientCertificates: ClientCertificate[]): Engine {
  const connection = { extraCaCerts: [read("ca.pem").toString()], clientCertificates };
  const engine = createEngine({ scripts: noScripts, connection });
  engines.push(engine);
  return engine;
}

const pem = { cert: read("client.pem"), key: read("client.key.pem") };

/** Says who came, over which protocol and with which cipher. */
async function startServer(requestCert = true) {
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    {
      cert: read("server.pem"),
      key: read("server.key.pem"),
      ca: read("client-ca.pem"),
      requestCert,
      rejectUnauthorized: requestCert,
    },
    (socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", () => {
        const name: unknown = requestCert ? socket.getPeerCertificate().subject.CN : "nobody";
        const text = [name, socket.getProtocol(), socket.getCipher().name].join(" ");
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
      });
    },
  );
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `https://localhost:${port}/path`,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test.each<[string, Omit<ClientCertificate, "matches">]>([
  ["PEM", pem],
  ["PEM with an encrypted key", { ...pem, key: read("client.encrypted.key.pem"), passphrase: "secret" }],
  ["PKCS#12", { pfx: read("client.pfx"), passphrase: "secret" }],
])("a server that wants a certificate gets the one for its URL: %s", async (_name, certificate) => {
  await using server = await startServer();
  const engine = engineWith(
    { matches: ["https://other.example/*"], cert: pem.cert, key: pem.key },
    { matches: [`https://localhost:${server.port}/*`], ...certificate },
  );

  const step = await runRequest(server.url, { engine });

  expect(step.errors).toEqual([]);
  expect(step.response?.body.text).toStartWith("client TLSv1.3");
});

test("a server whose URL matches nothing gets no certificate", async () => {
  await using server = await startServer();
  const engine = engineWith({ matches: ["https://localhost/*"], ...pem });

  const step = await runRequest(server.url, { engine });

  expect(step.errors[0]?.kind).toBe("target");
});

test.each<[string, Omit<ClientCertificate, "matches">]>([
  ["a wrong passphrase", { pfx: read("client.pfx"), passphrase: "wrong" }],
  ["a key without its passphrase", { ...pem, key: read("client.encrypted.key.pem") }],
  ["no certificate at all", { cert: "nothing", key: pem.key }],
])("%s stops the engine at its start and is named", (_name, certificate) => {
  expect(() => engineWith({ name: "mine", matches: [everyUrl], ...certificate })).toThrow(
    "the client certificate for mine cannot be used",
  );
});

test("Postman's list is read with the files that it names", async () => {
  const list = [
    { name: "a", matches: ["https://a/*"], cert: { src: "client.pem" }, key: { src: "client.key.pem" } },
    { matches: [everyUrl], pfx: { src: "client.pfx" }, key: {}, passphrase: "secret" },
  ];

  const certificates = await readClientCertificates(list, (name) => readFile(path(name)));

  expect(certificates).toEqual([
    { name: "a", matches: ["https://a/*"], ...pem },
    { matches: [everyUrl], pfx: read("client.pfx"), passphrase: "secret" },
  ]);
});

test.each([[{}], [[{ name: "no matches" }]], [[{ matches: "x" }]], [null]])("%j is no list", async (list) => {
  await expect(readClientCertificates(list, (name) => readFile(path(name)))).rejects.toThrow("not valid");
});

test.each([
  ["https://example.com/*", "https://example.com/a/b?c", true],
  ["https://example.com/*", "https://example.com:443/", true],
  ["https://example.com/*", "https://example.com:8443/", false],
  ["https://example.com/*", "http://example.com/", false],
  ["https://example.com/*", "https://api.example.com/", false],
  ["https://EXAMPLE.com/*", "https://Example.COM/", true],
  ["https://*.example.com/*", "https://a.b.example.com/", true],
  ["https://*.example.com/*", "https://example.com/", true],
  ["https://*.example.com/*", "https://notexample.com/", false],
  ["https://*/*", "https://anything/", true],
  ["https://*:*/*", "https://anything:1/", true],
  ["https://example.com:8443/*", "https://example.com:8443/", true],
  ["*://example.com/*", "https://example.com/", true],
  ["http+https://example.com/*", "https://example.com/", true],
  ["http://example.com/*", "https://example.com/", false],
  ["https://example.com/a/*", "https://example.com/a/b", true],
  ["https://example.com/a/*", "https://example.com/b", false],
  ["https://example.com/a?c/(x)", "https://example.com/abc/(x)", true],
  ["https://example.com", "https://example.com/", false],
  ["example.com", "https://example.com/", false],
  ["<all_urls>", "https://example.com/", true],
  ["<all_urls>", "http://example.com/", false],
])("the pattern %s and %s", (pattern, url, expected) => {
  expect(toMatcher([pattern])(encodeUrl(parseUrl(url)))).toBe(expected);
});

test("protocols that a request disables and ciphers that it chooses are what the handshake offers", async () => {
  await using server = await startServer(false);
  const one = { name: "r", request: server.url };
  const cipher = "ECDHE-ECDSA-AES256-GCM-SHA384";

  const { steps } = await runItems(
    [
      one,
      {
        ...one,
        protocolProfileBehavior: { tlsDisabledProtocols: ["TLSv1_3"], tlsCipherSelection: [cipher] },
      },
      {
        ...one,
        protocolProfileBehavior: { tlsDisabledProtocols: ["TLSv1_2", "TLSv1_3", "TLSv1_1", "TLSv1"] },
      },
      { ...one, protocolProfileBehavior: { tlsCipherSelection: ["NONSENSE"] } },
      { ...one, protocolProfileBehavior: { tlsPreferServerCiphers: true } },
    ],
    { engine: engineWith() },
  );

  expect(steps[0]?.response?.body.text).toStartWith("nobody TLSv1.3");
  expect(steps[1]?.response?.body.text).toBe(`nobody TLSv1.2 ${cipher}`);
  expect(steps[2]?.errors[0]?.kind).toBe("target");
  expect(steps[3]?.errors[0]).toMatchObject({ kind: "request", code: "ERR_SSL_NO_CIPHER_MATCH" });
  expect(steps[4]?.response?.code).toBe(200);
  expect(server.connections()).toBe(2);
});
