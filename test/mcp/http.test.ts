import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import { type McpApi, servedMcp } from "./served.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(60_000);

let api: McpApi;
beforeAll(async () => {
  api = await servedMcp();
});

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
