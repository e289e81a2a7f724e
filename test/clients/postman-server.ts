import { join } from "node:path";

import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

import type { Installation } from "../support/installation.ts";
import { temporaryFolder } from "../support/processes.ts";

const program = join(import.meta.dir, "../../node_modules/@postman/postman-mcp-server/dist/src/index.js");

// Tests state the shape that they expect; the text of a tool has no type before.
// oxlint-disable-next-line typescript/no-explicit-any
type Told = any;

export interface PostmanServer {
  /** All tools that it offers. */
  tools: string[];
  /** Tools that were called so far. */
  called: Set<string>;
  /** The text that a tool answers, parsed when it is JSON; fails with what the tool says when that is an error. */
  call(tool: string, args?: Record<string, unknown>): Promise<Told>;
  /** What the tool says of an error. */
  fail(tool: string, args?: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

/** Postman's own MCP server, unmodified, under Node, with an installation as its Postman. */
export async function startPostmanServer(
  { address, apiKey }: Pick<Installation, "address" | "apiKey">,
  set: "minimal" | "code" | "full",
): Promise<PostmanServer> {
  const transport = new StdioClientTransport({
    command: "node",
    args: [program, ...(set === "minimal" ? [] : [`--${set}`])],
    env: {
      PATH: process.env["PATH"] ?? "",
      // It writes there.
      HOME: temporaryFolder(),
      POSTMAN_API_KEY: apiKey,
      POSTMAN_API_BASE_URL: `${address}/api`,
    },
    stderr: "ignore",
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const called = new Set<string>();

  const ask = async (tool: string, args: Record<string, unknown>) => {
    called.add(tool);
    const answer = await client
      .callTool({ name: tool, arguments: args })
      .catch((error: unknown) => ({ isError: true, content: [{ type: "text", text: String(error) }] }));
    const text = answer.content.map((part) => ("text" in part ? part.text : "")).join("");
    return { isError: answer.isError === true, text };
  };
  return {
    tools: tools.map(({ name }) => name),
    called,
    call: async (tool, args = {}) => {
      const { isError, text } = await ask(tool, args);
      if (isError) throw new Error(`${tool} ${JSON.stringify(args)}: ${text}`);
      return parsed(text);
    },
    fail: async (tool, args = {}) => {
      const { isError, text } = await ask(tool, args);
      if (!isError) throw new Error(`${tool} succeeded: ${text}`);
      return text;
    },
    stop: () => client.close(),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
