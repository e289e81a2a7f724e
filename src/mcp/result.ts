import { isRecord } from "../lib/parse.ts";
import { type ApiAnswer, type Arguments, isReadOnly, type Tool } from "./tool.ts";

/** About ten thousand tokens: more than that drowns what the agent was doing. */
export const MAX_CHARACTERS = 40_000;

export interface ToolResult {
  content: { type: "text"; text: string }[];
  isError?: true;
  // The SDK's result is open for more fields.
  [field: string]: unknown;
}

/** The answer of the API as the agent reads it: JSON without spaces, then what to do next. */
export function toResult(tool: Tool, args: Arguments, answer: ApiAnswer): ToolResult {
  if (answer.status >= 400) return failure(describeFailure(answer));
  const shown = tool.shape ? tool.shape(answer.body, args) : answer.body;
  const text = typeof shown === "string" ? shown : JSON.stringify(shown);
  const from = Number(args["continueAt"] ?? 0);
  const next = typeof tool.next === "function" ? tool.next(answer.body, args) : tool.next;
  const notes = [cutNote(tool, text, from), pageNote(tool, answer.body), next && `Next: ${next}`];
  const part = text.slice(from, from + MAX_CHARACTERS);
  return {
    content: [part === "" || part === "null" ? "Done." : part, ...notes]
      .filter((line) => line !== undefined && line !== "")
      .map((line) => ({ type: "text", text: String(line) })),
  };
}

export const failure = (text: string): ToolResult => ({ content: [{ type: "text", text }], isError: true });

function cutNote(tool: Tool, text: string, from: number): string | undefined {
  const end = from + MAX_CHARACTERS;
  if (text.length <= end) return undefined;
  if (!isReadOnly(tool)) return `Cut: characters ${from} to ${end} of ${text.length}.`;
  return (
    `Cut: this is characters ${from} to ${end} of ${text.length}. Call ${tool.name} again with continueAt: ${end}, ` +
    "or ask for less with its limit and filters. Do not write a cut document back."
  );
}

/** Lists that go on: both styles of Postman's paging. */
function pageNote(tool: Tool, body: unknown): string | undefined {
  const meta = isRecord(body) && isRecord(body["meta"]) ? body["meta"] : {};
  const { nextCursor, total, offset, limit } = meta;
  if (typeof nextCursor === "string" && nextCursor !== "") {
    return `More: call ${tool.name} again with cursor: ${JSON.stringify(nextCursor)}.`;
  }
  const isCounted = [total, offset, limit].every((value) => typeof value === "number");
  const shown = Number(offset) + Number(limit);
  if (!isCounted || shown >= Number(total)) return undefined;
  return `More: ${String(total)} in all; call ${tool.name} again with offset: ${shown}.`;
}

/** What went wrong and what to do: both error bodies of the API end here. */
function describeFailure({ status, body, retryAfter }: ApiAnswer): string {
  const hint = hintOf(status, retryAfter);
  return [`${status}: ${messageOf(body)}`, hint].filter((line) => line !== undefined).join(" ");
}

function messageOf(body: unknown): string {
  if (typeof body === "string") return body.slice(0, 500) || "The API gave no reason.";
  const outer = isRecord(body) ? body : {};
  const error = isRecord(outer["error"]) ? outer["error"] : outer;
  const said = [error["message"], error["detail"], outer["message"]].find((text) => text !== undefined);
  const details = error["details"] === undefined ? "" : ` ${JSON.stringify(error["details"]).slice(0, 1000)}`;
  return (typeof said === "string" ? said : JSON.stringify(said ?? body).slice(0, 1000)) + details;
}

function hintOf(status: number, retryAfter: string | undefined): string | undefined {
  if (status === 401) return "The credential is no longer valid: sign in again or give another API key.";
  if (status === 403) return "Ask for a wider role or a credential with that scope; nothing was changed.";
  if (status === 404) return "Look up the id with the tool that lists these, or with searchPostmanElements.";
  if (status === 429) return `Wait ${retryAfter ?? "60"} seconds, then call again.`;
  if (status >= 500 && status !== 501)
    return "Nothing is known about the outcome: look before you repeat it.";
  return undefined;
}
