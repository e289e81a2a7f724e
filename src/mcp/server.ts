import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";

import { AppError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { callTool, listing } from "./call-tool.ts";
import { toolsOf } from "./catalog.ts";
import { failure } from "./result.ts";
import { type CallApi, type Tool, type ToolSet, toolSets } from "./tool.ts";

/** The tools change with the program only. */
const LIST_TTL_MS = 3_600_000;

const INSTRUCTIONS =
  "Sallyport keeps Postman collections, environments, mocks and specs in workspaces, and monitors that run collections " +
  "on runners inside private networks. Begin with getWorkspaces: most tools want the id of a workspace. Ids come from the " +
  "tools that list things. After each answer stands what to do next. Lists are paged: go on with the cursor or offset that an answer names.";

interface Prepared {
  byName: ReadonlyMap<string, Tool>;
  listed: ReturnType<typeof listing>;
}

const prepared = new Map<ToolSet, Prepared>();

/** Schemas of 150 tools take a while to write out, and every request has a server of its own. */
function prepare(set: ToolSet): Prepared {
  const known = prepared.get(set);
  if (known) return known;
  const tools = toolsOf(set);
  const made = { byName: new Map(tools.map((tool) => [tool.name, tool])), listed: listing(tools) };
  prepared.set(set, made);
  return made;
}

/** A server of the protocol with the tools of a set, for one request or one connection; `callApi` is whom it speaks for. */
export function createMcpServer(set: ToolSet, callApi: CallApi): Server {
  const { byName, listed } = prepare(set);
  const server = new Server(
    { name: "sallyport", title: "Sallyport", version: VERSION },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      cacheHints: { "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "private" } },
    },
  );
  server.setRequestHandler("tools/list", () => ({ tools: listed }));
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const tool = byName.get(params.name);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, unknownTool(params.name, set));
    try {
      return await callTool(tool, params.arguments, { callApi, signal: mcpReq.signal });
    } catch (error) {
      if (error instanceof AppError) return failure(error.message);
      throw error;
    }
  });
  return server;
}

function unknownTool(name: string, set: ToolSet): string {
  const elsewhere = toolSets.filter((other) => other !== set && prepare(other).byName.has(name));
  return elsewhere.length === 0
    ? `There is no tool ${name}.`
    : `The tool ${name} is in the set ${elsewhere.join(" and ")}, not in ${set}.`;
}
