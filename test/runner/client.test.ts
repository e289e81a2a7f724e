import { afterEach, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer, request as forward } from "node:http";
import { connect as openSocket, type AddressInfo, type Socket } from "node:net";

import { CallError, createControlPlane, type ClientOptions } from "../../src/runner/client.ts";
import { errorResponse, RUNNER_ID, RUNNER_KEY } from "../support/fake-control-plane.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0)) await cleanUp();
});

const readTls = (name: string) => readFileSync(new URL(`../support/tls/${name}`, import.meta.url), "utf8");

function serve(
  answer: (request: Request) => Response | Promise<Response>,
  tls?: { cert: string; key: string },
) {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: answer,
    ...(tls && { tls }),
  });
  cleanups.push(() => server.stop(true));
  return `${tls ? "https" : "http"}://127.0.0.1:${server.port}`;
}

function connect(server: string, options: Partial<ClientOptions> = {}) {
  const controlPlane = createControlPlane({ server, runnerId: RUNNER_ID, runnerKey: RUNNER_KEY, ...options });
  cleanups.push(() => controlPlane.close());
  return controlPlane;
}

const deregister = (server: string, options?: Partial<ClientOptions>) =>
  connect(server, options).deregister({ instanceId: RUNNER_ID });

const failureOf = async (call: Promise<unknown>): Promise<CallError> => {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof CallError) return thrown;
  throw new Error(`expected a CallError, not ${Bun.inspect(thrown)}`);
};

test("every call carries key, id and protocol", async () => {
  const seen: Record<string, string | null>[] = [];
  const server = serve(({ headers }) => {
    const names = ["authorization", "x-sallyport-runner", "x-sallyport-protocol", "content-type"];
    seen.push(Object.fromEntries(names.map((name) => [name, headers.get(name)])));
    return Response.json({});
  });

  await deregister(server);

  expect(seen).toEqual([
    {
      authorization: `Bearer ${RUNNER_KEY}`,
      "x-sallyport-runner": RUNNER_ID,
      "x-sallyport-protocol": "1",
      "content-type": "application/json",
    },
  ]);
});

test.each([
  [401, "unauthenticated", "fatal"],
  [409, "lease_lost", "lease_lost"],
  [404, "not_found", "not_found"],
  [413, "too_large", "too_large"],
  [400, "bad_request", "refused"],
  [403, "forbidden", "refused"],
  [408, "bad_request", "retryable"],
  [429, "rate_limited", "retryable"],
  [500, "internal_error", "retryable"],
  [503, "unavailable", "retryable"],
])("%i %s is %s", async (status, name, kind) => {
  const error = await failureOf(deregister(serve(() => errorResponse(status, name))));

  expect(error.kind).toBe(kind as CallError["kind"]);
});

test.each([
  ["a page of something else", () => new Response("<html>", { status: 200 })],
  ["an unknown path of something in between", () => new Response("not found", { status: 404 })],
  ["a refusal of something in between", () => new Response("forbidden", { status: 403 })],
  ["JSON of another shape", () => Response.json([])],
])("%s is tried again", async (_, answer) => {
  const error = await failureOf(deregister(serve(answer)));

  expect(error.kind).toBe("retryable");
});

test("what the control plane says about the wait is passed on", async () => {
  const server = serve(() =>
    Response.json(
      { error: { name: "rate_limited", message: "later" } },
      { status: 429, headers: { "retry-after": "7" } },
    ),
  );

  expect((await failureOf(deregister(server))).retryAfterMs).toBe(7_000);
});

test("a call without an answer ends after its time", async () => {
  const server = serve(() => new Promise<Response>(() => {}));

  const error = await failureOf(connect(server).deregister({ instanceId: RUNNER_ID }, { timeoutMs: 50 }));

  expect([error.kind, error.message.includes("no answer in 50 ms")]).toEqual(["retryable", true]);
});

test("an aborted call ends at once", async () => {
  const server = serve(() => new Promise<Response>(() => {}));
  const abort = new AbortController();

  const call = failureOf(connect(server).deregister({ instanceId: RUNNER_ID }, { signal: abort.signal }));
  abort.abort();

  expect((await call).kind).toBe("retryable");
});

test("a control plane behind the team's own authority needs its certificate, and the error says which option", async () => {
  const server = serve(() => Response.json({}), {
    cert: readTls("server.pem"),
    key: readTls("server.key.pem"),
  });

  const refused = await failureOf(deregister(server));
  const accepted = await deregister(server, { extraCaCerts: [readTls("ca.pem")] });

  expect(refused.message).toContain("--ssl-extra-ca-certs");
  expect(accepted).toEqual({});
});

/** A proxy that passes plain requests on, and notes them. */
async function startProxy() {
  const passed: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    passed.push(incoming.url ?? "");
    const onward = forward(incoming.url ?? "", { method: "POST", headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  const tunnels: Socket[] = [];
  proxy.on("connect", (incoming, socket) => {
    passed.push(`CONNECT ${incoming.url ?? ""}`);
    const [host = "", port] = (incoming.url ?? "").split(":");
    const upstream = openSocket(Number(port), host, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    tunnels.push(upstream);
  });
  await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    for (const tunnel of tunnels) tunnel.destroy();
    proxy.closeAllConnections();
    proxy.close();
  });
  // A TCP server's address is never a pipe's name.
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, passed };
}

test("calls go through the proxy that is named, to a plain and to a secret address", async () => {
  const proxy = await startProxy();
  const plain = serve(() => Response.json({}));
  const secret = serve(() => Response.json({}), {
    cert: readTls("server.pem"),
    key: readTls("server.key.pem"),
  });

  await deregister(plain, { proxy: proxy.url });
  await deregister(secret, { proxy: proxy.url, extraCaCerts: [readTls("ca.pem")] });

  const [first, second] = proxy.passed.map((line) => line.replace("/runner/v1/deregister", ""));
  expect(proxy.passed).toHaveLength(2);
  expect([first, second].map((line) => line?.replace("CONNECT ", "").replace(/^https?:\/\//, ""))).toEqual(
    [plain, secret].map((url) => new URL(url).host),
  );
});
