import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import { appCommand } from "../support/processes.ts";
import { type McpApi, servedMcp } from "./served.ts";

// Every test starts a process, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: McpApi;
beforeAll(async () => {
  api = await servedMcp();
});
afterAll(() => api.stop());

async function start(args: string[], env: Record<string, string> = {}) {
  const [command = "", ...rest] = appCommand();
  const transport = new StdioClientTransport({
    command,
    args: [...rest, "mcp", ...args],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: "/nonexistent",
      APP_PARENT_PID: String(process.pid),
      APP_SERVER: api.url,
      APP_API_KEY: api.key,
      ...env,
    },
    stderr: "pipe",
  });
  let errors = "";
  transport.stderr?.on("data", (chunk: unknown) => {
    errors += String(chunk);
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  return { client, stderr: () => errors };
}

describe("app mcp", () => {
  test.each([
    ["full", "getFleetHealth"],
    ["minimal", "runCollection"],
    ["code", "getRequestCodeContext"],
  ])("offers the set %s over stdio, with the key of the environment", async (set, tool) => {
    const { client } = await start(["--tools", set]);

    const { tools } = await client.listTools();
    const answer = await client.callTool({ name: "getAuthenticatedUser", arguments: {} });
    await client.close();

    expect(tools.map(({ name }) => name)).toContain(tool);
    expect(JSON.stringify(answer.content)).toContain(api.actor.email);
  });

  test("says what it does on standard error only", async () => {
    const { client, stderr } = await start([]);
    await client.close();

    expect(stderr()).toMatch(/app mcp: \d+ tools of http/);
  });

  test("goes on when the control plane cannot be reached, and says so", async () => {
    const { client } = await start([], { APP_SERVER: "http://127.0.0.1:1" });

    const answer = await client.callTool({ name: "getWorkspaces", arguments: {} });
    await client.close();

    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain("http://127.0.0.1:1 cannot be reached");
  });

  test("without a login it says what to do and ends", async () => {
    const [command = "", ...rest] = appCommand();
    const child = Bun.spawn([command, ...rest, "mcp"], {
      env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", APP_PARENT_PID: String(process.pid) },
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });

    const [stdout, stderr] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);

    expect([await child.exited, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("login --server URL --with-api-key KEY");
  });
});
