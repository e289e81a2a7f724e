import { expect, test } from "bun:test";

import { createEngine } from "../../src/engine/engine.ts";
import type { Address } from "../../src/engine/http/connector.ts";
import { parseEgressRules } from "../../src/engine/http/egress-rules.ts";
import { createLog } from "../../src/lib/log.ts";
import { createEgressGate } from "../../src/runner/egress.ts";
import { noScripts, runItems, runRequest, startServer } from "../engine/support.ts";

/** An engine behind a gate, in a network whose names lead where `lookup` says. */
function startGated(
  rules: { allow?: string[]; deny?: string[] },
  lookup: (hostname: string) => string[] = () => ["127.0.0.1"],
) {
  const lines: string[] = [];
  const lookedUp: string[] = [];
  const gate = createEgressGate({
    rules: parseEgressRules({ allow: rules.allow ?? [], deny: rules.deny ?? [] }),
    log: createLog({
      write: (line) => void lines.push(line),
      now: () => new Date(0),
      format: "json",
      level: "info",
    }),
  });
  const engine = createEngine({
    scripts: noScripts,
    gate,
    connection: {
      lookup: (hostname) => {
        lookedUp.push(hostname);
        return Promise.resolve(lookup(hostname).map(toAddress));
      },
    },
  });
  return { engine, lines, lookedUp, [Symbol.asyncDispose]: () => engine.close() };
}

const toAddress = (address: string): Address => ({ address, family: address.includes(":") ? 6 : 4 });

test("a name that leads to a denied address is not connected to", async () => {
  await using server = await startServer();
  await using gated = startGated({ deny: ["127.0.0.0/8"] });

  const { steps, summary } = await runItems(
    [{ name: "r", request: `http://api.example:${server.port}/` }],
    gated,
  );

  expect(server.connections).toBe(0);
  expect(steps[0]?.errors[0]).toMatchObject({
    kind: "egress_denied",
    message: "blocked by policy: api.example leads to 127.0.0.1, which is denied by --deny 127.0.0.0/8",
  });
  expect(summary).toMatchObject({ outcome: "errored", reason: "egress_denied" });
  expect(gated.lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "warn", message: "request blocked by policy", host: "api.example" },
  ]);
});

test("the address that was decided on is the one that is dialled: looked up once, whatever comes next", async () => {
  await using server = await startServer();
  const answers = [["127.0.0.1"], ["169.254.169.254"]];
  await using gated = startGated({}, () => answers.shift() ?? ["169.254.169.254"]);
  const url = `http://rebound.example:${server.port}/`;

  const first = await runRequest(url, gated);
  expect(gated.lookedUp).toHaveLength(1);
  await using fresh = startGated({}, () => ["169.254.169.254"]);
  const second = await runRequest(url, fresh);

  expect(first.response?.remoteAddress).toBe("127.0.0.1");
  expect(second.errors[0]?.message).toContain("is a metadata service of a cloud");
});

test("of several addresses only those that are allowed are dialled", async () => {
  await using server = await startServer();
  await using gated = startGated({ deny: ["127.0.0.2"] }, () => ["127.0.0.2", "::1", "127.0.0.1"]);

  const step = await runRequest(`http://api.example:${server.port}/`, gated);

  expect(step.response?.remoteAddress).toBe("127.0.0.1");
  expect(gated.lines).toEqual([]);
});

test.each([
  "http://169.254.169.254/latest/meta-data/",
  "http://2852039166/",
  "http://0xa9.0xfe.0xa9.0xfe/",
  "http://0251.0376.0251.0376/",
  "http://169.254.43518/",
  "http://169.254.169.254./",
  "http://１６９.254.169.254/",
  "http://[::ffff:169.254.169.254]/",
  "http://[::ffff:a9fe:a9fe]/",
  "http://[64:ff9b::169.254.169.254]/",
  "http://metadata.google.internal/",
  "http://METADATA.google.internal./",
])("%s is a metadata service, however it is spelled", async (url) => {
  await using gated = startGated({});

  const step = await runRequest(url, gated);

  expect(step.errors[0]).toMatchObject({ kind: "egress_denied" });
  expect(gated.lookedUp).toEqual([]);
});

test.each([
  "http://localhost",
  "http://127.1",
  "http://[::1]",
  "http://0",
  "http://[::]",
  "http://x.localhost",
])("--deny localhost closes %s", async (origin) => {
  await using server = await startServer();
  await using gated = startGated({ deny: ["localhost"] });

  const step = await runRequest(`${origin}:${server.port}/`, gated);

  expect(step.errors[0]?.kind).toBe("egress_denied");
  expect(server.connections).toBe(0);
});

test("a redirect to where nothing may go ends there", async () => {
  await using server = await startServer((_request, response) =>
    response.writeHead(302, { location: "http://169.254.169.254/latest/" }).end(),
  );
  await using gated = startGated({});

  const step = await runRequest(server.url, gated);

  expect(step.redirects).toHaveLength(1);
  expect(step.errors[0]?.kind).toBe("egress_denied");
});

test("with --allow nothing else is even looked up", async () => {
  await using server = await startServer();
  await using gated = startGated({ allow: ["api.example"] });

  const allowed = await runRequest(`http://api.example:${server.port}/`, gated);
  const denied = await runRequest(`http://other.example:${server.port}/`, gated);

  expect(allowed.errors).toEqual([]);
  expect(denied.errors[0]?.message).toBe("blocked by policy: other.example is not covered by any --allow");
  expect(gated.lookedUp).toEqual(["api.example"]);
});

test("what the authorization service answers counts after the rules, which it cannot widen", async () => {
  await using server = await startServer();
  const asked: string[] = [];
  const gate = createEgressGate({
    rules: parseEgressRules({ allow: [], deny: ["secret.example"] }),
    authorization: {
      check: ({ url }) => {
        asked.push(url);
        return Promise.resolve({ allowed: !url.includes("denied"), detail: "no" });
      },
      close: () => Promise.resolve(),
    },
    log: createLog({ write: () => {}, now: () => new Date(0), format: "json", level: "info" }),
  });
  const engine = createEngine({ scripts: noScripts, gate });

  const { steps } = await runItems(
    [`${server.url}/allowed`, `${server.url}/denied`, "http://secret.example/"].map((request) => ({
      name: request,
      request,
    })),
    { engine },
  );
  await engine.close();

  expect(steps.map(({ errors }) => errors[0]?.kind)).toEqual([undefined, "egress_denied", "egress_denied"]);
  expect(asked).toEqual([`${server.url}/allowed`, `${server.url}/denied`]);
});
