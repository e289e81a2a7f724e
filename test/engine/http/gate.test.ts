import { expect, test } from "bun:test";

import { createEngine } from "../../../src/engine/engine.ts";
import type { EgressGate, EgressRequest } from "../../../src/engine/http/gate.ts";
import { noScripts, runItems, runRequest, startServer } from "../support.ts";

function startGated(isAllowed: (request: EgressRequest) => boolean, detail?: string) {
  const asked: EgressRequest[] = [];
  const gate: EgressGate = {
    check: (request) => {
      asked.push(request);
      return Promise.resolve({ allowed: isAllowed(request), ...(detail ? { detail } : {}) });
    },
  };
  let lookups = 0;
  const engine = createEngine({
    scripts: noScripts,
    gate,
    connection: {
      lookup: () => {
        lookups++;
        return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
      },
    },
  });
  return { asked, engine, lookups: () => lookups, [Symbol.asyncDispose]: () => engine.close() };
}

test("the gate sees what will be sent", async () => {
  await using server = await startServer();
  await using gated = startGated(() => true);
  const header = [{ key: "X-Own", value: "1" }];

  await runRequest(
    { method: "POST", url: `${server.url}/p?q=1`, header, body: { mode: "raw", raw: "b" } },
    gated,
  );

  const [request] = gated.asked;
  expect(request).toMatchObject({ method: "POST", url: `${server.url}/p?q=1` });
  expect(request?.headers).toContainEqual(["X-Own", "1"]);
  expect(Buffer.from(request?.body ?? []).toString()).toBe("b");
});

test("a denied request is not sent, its name not even resolved, and the console tells", async () => {
  await using gated = startGated(() => false, "policy 7 forbids it");

  const { steps, summary } = await runItems([{ name: "r", request: "http://internal.example/" }], gated);

  expect(gated.lookups()).toBe(0);
  expect(steps[0]?.errors).toMatchObject([
    { kind: "egress_denied", message: "blocked by policy: policy 7 forbids it" },
  ]);
  expect(steps[0]?.console).toMatchObject([
    { level: "error", messages: ["blocked by policy: policy 7 forbids it"] },
  ]);
  expect(summary).toMatchObject({ outcome: "errored", reason: "egress_denied" });
});

test("each redirect hop is asked for", async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(302, { location: "/forbidden" }).end();
  });
  await using gated = startGated(({ url }) => !url.includes("forbidden"));

  const step = await runRequest(server.url, gated);

  expect(gated.asked).toHaveLength(2);
  expect(server.requests).toHaveLength(1);
  expect(step.errors[0]?.kind).toBe("egress_denied");
});

test("a gate that does not answer is ended by the request's time limit", async () => {
  const gate: EgressGate = {
    check: (_request, signal) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve({ allowed: true }))),
  };
  await using server = await startServer();
  const engine = createEngine({ scripts: noScripts, gate });

  const step = await runRequest(server.url, { engine, options: { requestTimeoutMs: 30 } });
  await engine.close();

  expect(step.errors[0]?.code).toBe("ESOCKETTIMEDOUT");
  expect(server.requests).toHaveLength(0);
});

test.each<[string, () => Promise<never>]>([
  ["rejects", () => Promise.reject(new Error("no authorization service"))],
  ["answers something else than true", () => Promise.resolve({ allowed: "yes" } as never)],
])("a gate that %s has said no", async (_name, check) => {
  await using server = await startServer();
  const engine = createEngine({ scripts: noScripts, gate: { check } });

  const step = await runRequest(server.url, { engine });
  await engine.close();

  expect(step.errors[0]?.kind).toBe("egress_denied");
  expect(server.requests).toHaveLength(0);
});

test("a gate that never answers does not outlive the run", async () => {
  const cancel = new AbortController();
  const engine = createEngine({
    scripts: noScripts,
    gate: {
      check: () => {
        cancel.abort();
        return new Promise(() => {});
      },
    },
  });

  const { summary } = await runItems([{ name: "r", request: "http://h.example/" }], {
    engine,
    signal: cancel.signal,
  });
  await engine.close();

  expect(summary.outcome).toBe("aborted");
});
