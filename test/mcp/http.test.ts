import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { toolsOf } from "../../src/mcp/catalog.ts";
import { createApp } from "../../src/server/app.ts";
import { testDeps } from "../support/api.ts";
import { type McpApi, servedMcp } from "./served.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: McpApi;
beforeAll(async () => {
  api = await servedMcp();
});
afterAll(() => api.stop());

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
};
const listTools = { jsonrpc: "2.0", id: 2, method: "tools/list", params: {} };

/** A request as any program may send it. */
async function send(body: unknown, headers: Record<string, string> = {}, method = "POST", path = "/mcp") {
  const response = await fetch(api.url + path, {
    method,
    headers: {
      authorization: `Bearer ${api.key}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...headers,
    },
    ...(method === "POST" && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, messages: messagesIn(text) };
}

/** JSON, or the data of server-sent events. */
function messagesIn(
  text: string,
): { id?: number; result?: Record<string, unknown>; error?: { code: number } }[] {
  const lines = text.startsWith("{") || text.startsWith("[") ? [text] : text.split("\n");
  return lines
    .map((line) => line.replace(/^data: /, ""))
    .filter((line) => line.startsWith("{") || line.startsWith("["))
    .flatMap((line) => JSON.parse(line));
}

describe("versions of the protocol", () => {
  test.each([
    ["legacy", "2025-11-25"],
    ["auto", "2026-07-28"],
  ] as const)("a client that negotiates %s speaks %s, lists tools and calls one", async (version, spoken) => {
    const client = await api.connect("/mcp", { version });

    const { tools } = await client.listTools();
    const answer = await client.callTool({ name: "getMonitors", arguments: {} });

    expect(client.getNegotiatedProtocolVersion()).toBe(spoken);
    expect(tools.map(({ name }) => name)).toContain("runMonitor");
    expect(answer.content[0]).toEqual({
      type: "text",
      text: '{"monitors":[],"meta":{"nextCursor":"","limit":25}}',
    });
  });

  test.each(["2025-06-18", "2025-03-26", "2024-11-05"])(
    "%s is spoken with a client that asks for it",
    async (version) => {
      const params = { ...initialize.params, protocolVersion: version };

      const { messages } = await send({ ...initialize, params });

      expect(messages[0]?.result?.["protocolVersion"]).toBe(version);
    },
  );

  test("a client of a version that nobody knows is offered the newest that has a handshake", async () => {
    const params = { ...initialize.params, protocolVersion: "1999-01-01" };

    const { messages } = await send({ ...initialize, params });

    expect(messages[0]?.result?.["protocolVersion"]).toBe("2025-11-25");
  });

  test("a header with a version that nobody knows is refused", async () => {
    const { status } = await send(listTools, { "mcp-protocol-version": "1999-01-01" });

    expect(status).toBe(400);
  });
});

describe("the sets", () => {
  test.each([
    ["/mcp", "full"],
    ["/minimal", "minimal"],
    ["/code", "code"],
  ] as const)("%s offers %s", async (path, set) => {
    const client = await api.connect(path);

    const { tools } = await client.listTools();

    expect(tools.map(({ name }) => name)).toEqual(toolsOf(set).map(({ name }) => name));
    expect(tools.every(({ inputSchema }) => inputSchema.type === "object")).toBe(true);
  });

  test("a tool of another set is named with the set that has it", async () => {
    const client = await api.connect("/minimal");

    const call = client.callTool({ name: "getRunner", arguments: { runnerId: newId() } });

    await expect(call).rejects.toThrow("The tool getRunner is in the set full, not in minimal.");
  });
});

describe("several servers on one database", () => {
  test("answer each other's clients: nothing of a conversation is kept", async () => {
    const other = createApp(testDeps(api.database, { publicUrl: api.url }));
    await send(initialize);

    const response = await other.request("/mcp", {
      method: "POST",
      headers: {
        authorization: `Bearer ${api.key}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": "2025-11-25",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 5,
        method: "tools/call",
        params: { name: "getAuthenticatedUser", arguments: {} },
      }),
    });

    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining(api.actor.email)]);
  });
});

describe("who may come in", () => {
  test.each<[string, Record<string, string>]>([
    ["no credential", { authorization: "" }],
    ["a wrong key", { authorization: "Bearer PMAK-wrong" }],
    ["a wrong token", { authorization: "Bearer spat_wrong" }],
    ["another scheme", { authorization: "Basic abc" }],
  ])("%s is told where to sign in", async (_, headers) => {
    const { status, headers: answered } = await send(listTools, headers);

    expect(status).toBe(401);
    expect(answered.get("www-authenticate")).toContain(
      `resource_metadata="${api.url}/.well-known/oauth-protected-resource/mcp"`,
    );
    expect(answered.get("access-control-allow-origin")).toBeNull();
  });

  test("a key in X-Api-Key is as good, one in the address is not", async () => {
    const inHeader = await send(listTools, { authorization: "", "x-api-key": api.key });
    const inAddress = await send(listTools, { authorization: "" }, "POST", `/mcp?apikey=${api.key}`);

    expect([inHeader.status, inAddress.status]).toEqual([200, 401]);
  });

  test.each([
    ["no page", undefined, 200],
    ["our own page", "own", 200],
    ["this machine under its other name", "localhost", 200],
    ["another site", "http://evil.example", 403],
    ["a site whose name leads here", "rebound", 403],
    ["an origin that hides", "null", 403],
  ])("a request of %s", async (_, origin, status) => {
    const { port } = new URL(api.url);
    const named: Record<string, string> = {
      own: api.url,
      localhost: `http://localhost:${port}`,
      rebound: `http://evil.example:${port}`,
    };
    const headers =
      origin === undefined ? undefined : { origin: named[origin] ?? origin, host: "evil.example" };

    expect((await send(listTools, headers)).status).toBe(status);
  });
});

describe("what a narrowed key may do", () => {
  test("is what its scopes say, and the denial is a result that says so", async () => {
    const { key } = await api.newKey({ scopes: ["collections:read"] });
    const client = await api.connect("/mcp", { headers: { authorization: `Bearer ${key}` } });

    const me = await client.callTool({ name: "getAuthenticatedUser", arguments: {} });
    const denied = await client.callTool({ name: "getEnvironments", arguments: {} });

    expect(me.isError).toBeUndefined();
    expect(denied.isError).toBe(true);
    expect(JSON.stringify(denied.content)).toContain(
      '403: This API key lacks the scope \\"environments:read\\".',
    );
  });

  test("is what its owner may do: a member creates no runner", async () => {
    const { key } = await api.newKey({ role: "member" });
    const client = await api.connect("/mcp", { headers: { authorization: `Bearer ${key}` } });

    const denied = await client.callTool({ name: "createRunner", arguments: { runner: { name: "r" } } });

    expect(JSON.stringify(denied.content)).toContain("403: You are not authorized to perform this action");
  });
});

describe("requests that are not as they should be", () => {
  test.each([
    ["no JSON", "{", {}, 400, -32_700],
    ["no message", "{}", {}, 400, -32_600],
    ["no JSON by its type", listTools, { "content-type": "text/plain" }, 415, undefined],
  ] as const)("%s", async (_, body, headers, status, code) => {
    const answer = await send(body, headers);

    expect(answer.status).toBe(status);
    if (code !== undefined) expect(answer.messages[0]?.error?.code).toBe(code);
  });

  test("an unknown method is an error of the protocol", async () => {
    const { messages } = await send({ jsonrpc: "2.0", id: 3, method: "resources/list", params: {} });

    expect(messages[0]?.error?.code).toBe(-32_601);
  });

  test("an unknown tool is an error of the protocol, wrong arguments are a result that says what to send", async () => {
    const client = await api.connect();

    await expect(client.callTool({ name: "getNothing", arguments: {} })).rejects.toThrow(
      "There is no tool getNothing.",
    );
    const answer = await client.callTool({ name: "getWorkspaces", arguments: { limt: 1 } });

    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain("It takes type, createdBy, include");
  });

  test.each(["..", "."])("the id %j leads nowhere else", async (workspaceId) => {
    const client = await api.connect();

    const answer = await client.callTool({ name: "getWorkspace", arguments: { workspaceId } });

    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain("workspaceId must be an id");
  });

  test("a batch of an older version is answered as a batch", async () => {
    const { messages } = await send([listTools, { jsonrpc: "2.0", id: 3, method: "ping" }], {
      "mcp-protocol-version": "2025-03-26",
    });

    expect(new Set(messages.map(({ id }) => id))).toEqual(new Set([2, 3]));
  });

  test.each(["GET", "DELETE"])(
    "%s is not offered: there is no session to listen to or to end",
    async (method) => {
      expect((await send(undefined, {}, method)).status).toBe(405);
    },
  );

  test("a message beyond the largest document is refused before it is read", async () => {
    const answer = await send(listTools, {}, "POST").then(() =>
      send(JSON.stringify({ ...listTools, params: { x: "y".repeat(22 * 1024 * 1024) } })),
    );

    expect(answer.status).toBe(413);
  });
});
