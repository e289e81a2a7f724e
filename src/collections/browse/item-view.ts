import type { ExampleView, ParamRow, RequestView, ScriptView } from "../../../web/parts/request-view.tsx";
import { isRecord } from "../../lib/parse.ts";
import type { Element } from "../elements.ts";
import { authEntries, paramLines, scriptText, wordOf } from "../revisions/describe.ts";
import { textOf } from "../v1/params.ts";
import { requestOf } from "../v1/request.ts";
import { rawUrlOf } from "../v1/url.ts";

/** More than a page shows at once; the API has all of it. */
const MAX_EXAMPLES = 20;
const MAX_TEXT = 100_000;

/** What a request says, as a page shows it: no secret of an authorization in it. */
export function viewRequest(item: Element): RequestView {
  const request = requestOf(item);
  const url = isRecord(request["url"]) ? request["url"] : {};
  const examples = Array.isArray(item["response"]) ? item["response"].filter(isRecord) : [];
  return {
    method: wordOf(request["method"] ?? "GET"),
    url: rawUrlOf(request["url"]),
    params: rowsOf(url["query"]),
    pathVariables: rowsOf(url["variable"]),
    headers: rowsOf(request["header"]),
    ...viewBody(request["body"]),
    ...viewOwner(item),
    description: wordOf(textOf(request["description"]) ?? textOf(item["description"])),
    examples: examples.slice(0, MAX_EXAMPLES).map(viewExample),
    moreExamples: Math.max(0, examples.length - MAX_EXAMPLES),
  };
}

/** Scripts and authorization of whatever has them. */
export const viewOwner = (
  owner: Element,
): { scripts: ScriptView[]; auth: { key: string; value: string }[] } & { description: string } => ({
  scripts: scriptsOf(owner["event"]),
  auth: authEntries(isRecord(owner["request"]) ? owner["request"]["auth"] : owner["auth"]),
  description: wordOf(textOf(owner["description"])),
});

const scriptsOf = (events: unknown): ScriptView[] =>
  (Array.isArray(events) ? events.filter(isRecord) : [])
    .map((event) => ({ event: wordOf(event["listen"]), text: cut(scriptText(event["script"])) }))
    .filter(({ text }) => text !== "");

function viewBody(body: unknown): Pick<RequestView, "body" | "fields" | "bodyMode"> {
  if (!isRecord(body)) return { bodyMode: "", body: [], fields: [] };
  const bodyMode = wordOf(body["mode"]);
  if (bodyMode === "urlencoded" || bodyMode === "formdata") {
    return { bodyMode, body: [], fields: rowsOf(body[bodyMode]) };
  }
  if (bodyMode === "graphql") {
    const graphql = isRecord(body["graphql"]) ? body["graphql"] : { query: body["graphql"] };
    const parts = [
      { label: "Query", text: wordOf(graphql["query"]), language: "" },
      { label: "Variables", text: wordOf(graphql["variables"]), language: "json" },
    ];
    return { bodyMode, fields: [], body: parts.filter(({ text }) => text !== "") };
  }
  if (bodyMode === "file") {
    const source = isRecord(body["file"]) ? wordOf(body["file"]["src"]) : "";
    return { bodyMode, fields: [], body: [{ label: "File", text: source, language: "" }] };
  }
  const text = cut(wordOf(body["raw"]));
  return { bodyMode, fields: [], body: text === "" ? [] : [{ label: "", text, language: languageOf(text) }] };
}

function viewExample(example: Element): ExampleView {
  const { method = "GET", url } = requestOf({ request: example["originalRequest"] });
  const body = cut(wordOf(example["body"]));
  return {
    name: wordOf(example["name"]) || "(without a name)",
    status: [wordOf(example["code"]), wordOf(example["status"])].filter((part) => part !== "").join(" "),
    request: `${wordOf(method)} ${rawUrlOf(url)}`,
    headers: paramLines(example["header"]),
    body,
    language: languageOf(body),
  };
}

/** A text that begins like JSON is coloured as JSON; a variable in braces is none. */
export const languageOf = (text: string): string => (/^\s*(\{(?!\{)|\[)/.test(text) ? "json" : "");

export function rowsOf(params: unknown): ParamRow[] {
  if (typeof params === "string") {
    return params
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "")
      .map((line) => ({ key: line, value: "", isOff: false, description: "" }));
  }
  if (!Array.isArray(params)) return [];
  return params.filter(isRecord).map((param) => ({
    key: wordOf(param["key"]),
    value: param["type"] === "file" ? `file ${wordOf(param["src"])}` : wordOf(param["value"]),
    isOff: param["disabled"] === true,
    description: wordOf(textOf(param["description"])),
    isSecret: param["type"] === "secret",
  }));
}

const cut = (text: string): string =>
  text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}\n… (${text.length} characters in all)` : text;
