import { once } from "node:events";

import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { type Command, Option } from "commander";

import { callApiOver } from "../mcp/api-over-http.ts";
import { toolsOf } from "../mcp/catalog.ts";
import { createMcpServer } from "../mcp/server.ts";
import { type ToolSet, toolSets } from "../mcp/tool.ts";
import { findConnection } from "./client/api.ts";
import type { CommandContext } from "./context.ts";

/** A collection of the largest size that the API takes, and the message around it. */
const MAX_MESSAGE_BYTES = 21 * 1024 * 1024;

interface McpOptions {
  tools: ToolSet;
  server?: string;
  apiKey?: string;
  sslExtraCaCerts?: string;
}

/** The tools of `/mcp` for a program that starts its servers itself. Standard output belongs to the protocol. */
export function define(command: Command, { note, programName }: CommandContext): void {
  command
    .option("--server <url>", "address of the control plane; default: where you are logged in")
    .option("--api-key <key>", "API key; default: the one you logged in with")
    .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
    .addOption(new Option("--tools <set>", "which tools").choices(toolSets).default("full"))
    .addHelpText(
      "after",
      '\nIn the settings of an agent: {"command": "app", "args": ["mcp", "--tools", "minimal"]}',
    )
    .action(async (options: McpOptions) => {
      const connection = await findConnection(options);
      const callApi = callApiOver(connection);
      const transport = new StdioServerTransport(process.stdin, process.stdout, {
        maxBufferSize: MAX_MESSAGE_BYTES,
      });
      const served = serveStdio(() => createMcpServer(options.tools, callApi), {
        transport,
        onerror: (error) => note(`${programName} mcp: ${error.message}`),
      });
      note(
        `${programName} mcp: ${toolsOf(options.tools).length} tools of ${connection.server}, until standard input ends`,
      );
      await once(process.stdin, "end");
      await served.close();
    });
}
