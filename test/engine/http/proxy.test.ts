import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";

import { createEngine } from "../../../src/engine/engine.ts";
import type { ConnectionOptions } from "../../../src/engine/http/route.ts";
import { noScripts, runItems, runRequest, startRawServer, startServer } from "../support.ts";

const read = (name: string) => readFileSync(new URL(`../../support/tls/${name}`, import.meta.url), "utf8");

const startEngine = (connection: ConnectionOptions) => {
  const engine = createEngine({ scripts: noScripts, connection });
  return { engine, [Symbol.asyncDispose]: () => engine.close() };
};

/** Opens the tunnel that CONNECT asks for, or says what it is told to say. */
const startTunnelProxy = (answer = "HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n") =>
  startRawServer((socket, head) => {
    if (!head.startsWith("CONNECT ")) return;
    const [, host = "", port = ""] = /^CONNECT (.*):(\d+) /.exec(head) ?? [];
    if (!answer.includes(" 200 ")) {
      socket.end(answer);
      return;
    }
    const upstream = connect({ host, port: Number(port) }, () => {
      socket.write(answer);
      socket.removeAllListeners("data");
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on("error", () => socket.destroy());
    socket.once("close", () => upstream.destroy());
  });

async function startTlsServer() {
  const sockets = new Set<Socket>();
  const server = createServer(
    { cert: read("server.pem"), key: read("server.key.pem") },
    (_request, response) => response.end("through the tunnel"),
  );
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    // Listening on TCP: the address is an object.
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test("plain HTTP goes to the proxy with the whole URL and its credentials", async () => {
  await using proxy = await startServer((_request, response) => response.end("from the proxy"));
  await using used = startEngine({ httpProxy: `http://us%40er:pass@127.0.0.1:${proxy.port}` });

  const step = await runRequest("http://internal.example/path?q=1", used);

  expect(step.response?.body.text).toBe("from the proxy");
  expect(proxy.requests[0]).toMatchObject({ url: "http://internal.example/path?q=1" });
  expect(proxy.requests[0]?.headers).toMatchObject({
    host: "internal.example",
    "proxy-authorization": `Basic ${Buffer.from("us@er:pass").toString("base64")}`,
  });
  expect(JSON.stringify(step)).not.toContain("Proxy-Authorization");
});

test("HTTPS goes through a tunnel, verified against the target", async () => {
  await using proxy = await startTunnelProxy();
  await using target = await startTlsServer();
  await using used = startEngine({
    httpsProxy: `http://user:pass@127.0.0.1:${proxy.port}`,
    extraCaCerts: [read("ca.pem")],
  });
  const item = [1, 2].map((number) => ({ name: `r${number}`, request: target.url }));

  const { steps } = await runItems(item, used);

  expect(steps.map((step) => step.response?.body.text)).toEqual(["through the tunnel", "through the tunnel"]);
  expect(proxy.received).toHaveLength(1);
  expect(proxy.received[0]).toContain(
    `Proxy-Authorization: Basic ${Buffer.from("user:pass").toString("base64")}`,
  );
});

test("through a tunnel a certificate is still the target's fault", async () => {
  await using proxy = await startTunnelProxy();
  await using target = await startTlsServer();
  await using used = startEngine({ httpsProxy: `http://127.0.0.1:${proxy.port}` });

  const step = await runRequest(target.url, used);

  expect(step.errors[0]?.kind).toBe("target");
});

test.each([
  ["refuses", "HTTP/1.1 403 Forbidden\r\n\r\n", "403 Forbidden"],
  ["asks for credentials", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"],
  ["closes", "", "closed"],
  ["talks nonsense", "garbage\r\n\r\n", "garbage"],
])("a proxy that %s is the proxy's fault", async (_name, answer, message) => {
  await using proxy = await startTunnelProxy(answer);
  await using used = startEngine({ httpsProxy: `http://127.0.0.1:${proxy.port}` });

  const step = await runRequest("https://internal.example/", used);

  expect(step.errors[0]?.kind).toBe("proxy");
  expect(step.errors[0]?.message).toContain(message);
});

test("a proxy that asks for credentials on plain HTTP is the proxy's fault", async () => {
  await using proxy = await startServer((_request, response) => response.writeHead(407).end());
  await using used = startEngine({ httpProxy: proxy.url });

  expect((await runRequest("http://internal.example/", used)).errors[0]?.kind).toBe("proxy");
});

test.each(["http", "https"])("a proxy that is not there is the proxy's fault for %s", async (scheme) => {
  const proxy = await startServer();
  await proxy[Symbol.asyncDispose]();
  await using used = startEngine({ httpProxy: proxy.url, httpsProxy: proxy.url });

  const step = await runRequest(`${scheme}://internal.example/`, used);

  expect(step.errors[0]).toMatchObject({ kind: "proxy", code: "ECONNREFUSED" });
});

test("what NO_PROXY names is reached directly", async () => {
  await using proxy = await startServer();
  await using server = await startServer();
  await using used = startEngine({ httpProxy: proxy.url, noProxy: "127.0.0.1" });

  await runRequest(server.url, used);

  expect(server.requests).toHaveLength(1);
  expect(proxy.requests).toHaveLength(0);
});

test.each(["socks5://127.0.0.1:1080", "not a url", "ftp://proxy"])(
  "%s is refused as a proxy",
  (httpProxy) => {
    expect(() => createEngine({ scripts: noScripts, connection: { httpProxy } })).toThrow("proxy");
  },
);

test("HTTP/2 goes through a tunnel, too", async () => {
  await using proxy = await startTunnelProxy();
  const target = createSecureServer(
    { cert: read("server.pem"), key: read("server.key.pem") },
    (_request, response) => response.end("two"),
  );
  await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const url = `https://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  await using used = startEngine({
    httpsProxy: `http://127.0.0.1:${proxy.port}`,
    extraCaCerts: [read("ca.pem")],
  });

  const { steps } = await runItems(
    [{ name: "r", request: url, protocolProfileBehavior: { protocolVersion: "auto" } }],
    used,
  );
  target.close();

  expect(steps[0]?.response?.httpVersion).toBe("2.0");
  expect(proxy.received).toHaveLength(1);
});
