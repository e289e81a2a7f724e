import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";

import { runProgram } from "../../support/program.ts";
import { collectionOf, openPlace, testScript, type Place } from "./support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

const tls = (name: string) => join(import.meta.dir, "../../support/tls", name);

let place: Place;
let server: Server;
let port: number;

/** A server that takes nobody without a client certificate. */
beforeAll(async () => {
  place = await openPlace();
  server = createServer(
    {
      cert: readFileSync(tls("server.pem")),
      key: readFileSync(tls("server.key.pem")),
      ca: readFileSync(tls("client-ca.pem")),
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    },
  );
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.close();
  await place.leave();
});

async function exitCodeOf(...args: string[]): Promise<number> {
  const collection = await place.file(
    "tls.json",
    collectionOf({
      name: "a",
      request: `https://localhost:${port}/`,
      event: testScript("pm.test('ok', () => pm.response.to.have.body('ok'))"),
    }),
  );
  return (await runProgram(["collection", "run", collection, "--silent", ...args])).exitCode;
}

const authorities = ["--ssl-extra-ca-certs", tls("ca.pem")];
const pem = ["--ssl-client-cert", tls("client.pem"), "--ssl-client-key", tls("client.key.pem")];

test("a client certificate and its key open the door, an encrypted key with its passphrase, too", async () => {
  const encrypted = [
    "--ssl-client-cert",
    tls("client.pem"),
    "--ssl-client-key",
    tls("client.encrypted.key.pem"),
  ];

  expect(await exitCodeOf(...authorities, ...pem)).toBe(0);
  expect(await exitCodeOf(...authorities, ...encrypted, "--ssl-client-passphrase", "secret")).toBe(0);
});

test("without one, or without the authority, the request fails; -k trusts anybody", async () => {
  expect(await exitCodeOf(...authorities)).toBe(1);
  expect(await exitCodeOf(...pem)).toBe(1);
  expect(await exitCodeOf("-k", ...pem)).toBe(0);
});

test("a list names certificates by address, with files of the working directory", async () => {
  const listFor = (match: string) =>
    place.file("list.json", [
      { name: "c", matches: [match], cert: { src: "client.pem" }, key: { src: "client.key.pem" } },
    ]);
  const run = async (match: string) =>
    exitCodeOf(...authorities, "--ssl-client-cert-list", await listFor(match), "--working-dir", tls(""));

  expect(await run(`https://localhost:${port}/*`)).toBe(0);
  expect(await run("https://other.example/*")).toBe(1);
});
