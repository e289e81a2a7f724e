import type { Tool as ListedTool } from "@modelcontextprotocol/server";
import { z } from "zod";

import { describeIssues } from "../lib/parse.ts";
import { toApiCall } from "./request.ts";
import { failure, toResult, type ToolResult } from "./result.ts";
import { annotationsOf, type ApiCall, type Arguments, type CallApi, inputOf, type Tool } from "./tool.ts";

/** Checks the arguments, calls the API and says what came of it. What went wrong is a result, too: agents read those. */
export async function callTool(
  tool: Tool,
  sent: unknown,
  { callApi, signal }: { callApi: CallApi; signal: AbortSignal },
): Promise<ToolResult> {
  const parsed = inputOf(tool).safeParse(sent ?? {});
  if (!parsed.success) return failure(wrongArguments(tool, describeIssues(parsed.error)));
  const args: Arguments = parsed.data;
  const call: CallApi = (request: ApiCall) => callApi({ ...request, signal });
  const answer = await (tool.steps ? tool.steps(args, call) : call(toApiCall(tool, args)));
  return toResult(tool, args, answer);
}

/** The tools of a set as a client lists them. */
export const listing = (tools: readonly Tool[]): ListedTool[] =>
  tools.map((tool) => ({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: schemaOf(tool),
    annotations: annotationsOf(tool),
  }));

function wrongArguments({ name, input }: Tool, issues: string[]): string {
  const said = issues.map((issue) => issue.replace(/^: /, "")).join("; ");
  return `Wrong arguments for ${name}: ${said}. It takes ${Object.keys(input).join(", ") || "none"}.`;
}

/** What may be sent: a default makes an argument optional. */
const schemaOf = (tool: Tool) =>
  // The schema of an object has the type "object"; zod's type for it covers every schema.
  z.toJSONSchema(inputOf(tool), { io: "input", override: withoutNoise }) as ListedTool["inputSchema"];

/** Agents read every word of this: the limits of whole numbers in JSON tell them nothing. */
function withoutNoise({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  delete jsonSchema.$schema;
}
