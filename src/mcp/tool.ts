import { z } from "zod";

/** `/mcp` serves full, `/minimal` and `/code` the smaller ones; Postman's server has the same three. */
export const toolSets = ["full", "minimal", "code"] as const;
export type ToolSet = (typeof toolSets)[number];

export const inFull: readonly ToolSet[] = ["full"];
export const inMinimal: readonly ToolSet[] = ["full", "minimal"];
export const inCode: readonly ToolSet[] = ["code"];
export const inFullAndCode: readonly ToolSet[] = ["full", "code"];
export const everywhere: readonly ToolSet[] = ["full", "minimal", "code"];

export type Arguments = Record<string, unknown>;

/** A call of the HTTP API; `path` begins below `/api` and carries the query. */
export interface ApiCall {
  method: string;
  path: string;
  headers?: Record<string, string>;
  /** JSON; undefined = none. */
  body?: unknown;
  signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  status: number;
  /** Parsed when it is JSON, else the text as it came. */
  body: unknown;
  /** Seconds of `Retry-After`. */
  retryAfter?: string | undefined;
}

/** The way to the HTTP API: in process, or over the network. Rejects when it cannot be reached. */
export type CallApi = (call: ApiCall) => Promise<ApiAnswer>;

export type NextStep = (body: unknown, args: Arguments) => string | undefined;

/**
 * One tool, as data. It calls one endpoint of the API: arguments that the path names go there, `query` and `headers`
 * name theirs, and the others go into the query of a GET or DELETE and into the body of the rest.
 */
export interface Tool {
  name: string;
  title: string;
  /** What it is good for, in a sentence or two. */
  description: string;
  sets: readonly ToolSet[];
  /** `METHOD /path/{argument}`. */
  call: string;
  input: z.ZodRawShape;
  query?: readonly string[];
  headers?: readonly string[];
  /** The argument that is the whole JSON document, instead of an object of the remaining arguments. */
  document?: string;
  /** Argument → its name on the wire, where that differs. */
  wire?: Readonly<Record<string, string>>;
  /** Where the method does not tell: POST reads, or POST makes something that cannot be taken back. */
  hints?: { readOnly?: boolean; destructive?: boolean; idempotent?: boolean };
  /** What of the answer is shown. */
  shape?: (body: unknown, args: Arguments) => unknown;
  /** What to do next, one sentence. */
  next?: string | NextStep;
  /** Instead of the one call: several, or none. */
  steps?: (args: Arguments, api: CallApi) => Promise<ApiAnswer>;
}

export const methodOf = ({ call }: Tool): string => call.slice(0, call.indexOf(" "));
export const pathOf = ({ call }: Tool): string => call.slice(call.indexOf(" ") + 1);

/** Only looks. Its answer may be asked for in pieces. */
export const isReadOnly = (tool: Tool): boolean => tool.hints?.readOnly ?? methodOf(tool) === "GET";

const continueAt = z.int().min(0).optional().describe("Where a cut answer goes on.");

/** Every argument is known by name: a misspelt one is told, not dropped. */
export const inputOf = (tool: Tool): z.ZodObject =>
  z.strictObject(isReadOnly(tool) ? { ...tool.input, continueAt } : tool.input);

/** What a client is told before it calls. */
export function annotationsOf(tool: Tool) {
  const method = methodOf(tool);
  const readOnly = isReadOnly(tool);
  return {
    title: tool.title,
    readOnlyHint: readOnly,
    destructiveHint: tool.hints?.destructive ?? method === "DELETE",
    idempotentHint: tool.hints?.idempotent ?? (readOnly || method !== "POST"),
    openWorldHint: false,
  };
}
