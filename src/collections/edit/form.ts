import { AppError } from "../../lib/errors.ts";
import { isRecord } from "../../lib/parse.ts";
import type { CollectionDocument } from "../collection.ts";
import type { Element } from "../elements.ts";
import { HIDDEN, LINE_BREAK, paramLine, scriptText, wordOf } from "../revisions/describe.ts";
import { applyFolder } from "../v1/folder.ts";
import { type Param, textOf, toV1Params } from "../v1/params.ts";
import { applyRequest, requestToV1 } from "../v1/request.ts";

/** What can be edited on a page. */
export type EditKind = "collection" | "folder" | "request";

/** Texts of the form by name. */
export type Texts = Record<string, string>;

/** What the form shows of an element. A field that is not in it cannot be edited here. */
export function textsOf(kind: EditKind, element: Element): Texts {
  const scripts = {
    prerequest: scriptOf(element["event"], "prerequest"),
    test: scriptOf(element["event"], "test"),
  };
  if (kind === "collection") {
    const info = isRecord(element["info"]) ? element["info"] : {};
    return {
      name: wordOf(info["name"]),
      variables: linesOf(toV1Params(element["variable"])),
      ...scripts,
      description: wordOf(textOf(info["description"])),
    };
  }
  if (kind === "folder") {
    return { name: wordOf(element["name"]), ...scripts, description: wordOf(textOf(element["description"])) };
  }
  return { ...requestTexts(element), ...scripts };
}

function requestTexts(item: Element): Texts {
  const v1 = requestToV1(item);
  return {
    name: wordOf(v1["name"]),
    method: wordOf(v1["method"]),
    url: wordOf(v1["url"]),
    params: linesOf(paramsOf(v1["queryParams"])),
    ...(paramsOf(v1["pathVariableData"]).length > 0 && {
      pathVariables: linesOf(paramsOf(v1["pathVariableData"])),
    }),
    headers: linesOf(paramsOf(v1["headerData"])),
    ...bodyTexts(v1),
    description: wordOf(v1["description"]),
  };
}

function bodyTexts(v1: Record<string, unknown>): Texts {
  const { dataMode, rawModeData, data, graphqlModeData } = v1;
  if (dataMode === null || dataMode === "raw") return { body: lf(wordOf(rawModeData)) };
  if (dataMode === "urlencoded" || dataMode === "formdata") return { fields: linesOf(paramsOf(data)) };
  if (dataMode !== "graphql" || !isRecord(graphqlModeData)) return {};
  return {
    graphqlQuery: lf(wordOf(graphqlModeData["query"])),
    graphqlVariables: lf(wordOf(graphqlModeData["variables"])),
  };
}

/** Of the lists in v1. */
const paramsOf = (list: unknown): Param[] => (Array.isArray(list) ? list.filter(isRecord) : []);
const linesOf = (params: Param[]): string => params.map(paramLine).join("\n");
const lf = (text: string): string => text.replaceAll(/\r\n?/g, "\n");

const scriptOf = (events: unknown, listen: string): string => {
  const event = Array.isArray(events)
    ? events.filter(isRecord).find((one) => one["listen"] === listen)
    : undefined;
  return event ? scriptText(event["script"]) : "";
};

/** Browsers send lines as they were typed on no machine: with CRLF. Fields that the element has not are passed over. */
export function readTexts(kind: EditKind, element: Element, sent: (name: string) => string): Texts {
  const known = textsOf(kind, element);
  return Object.fromEntries(Object.keys(known).map((name) => [name, lf(sent(name))]));
}

/** Names of the fields that differ. */
export const changedNames = (before: Texts, after: Texts): string[] =>
  Object.keys(after).filter((name) => before[name] !== undefined && before[name] !== after[name]);

/** What somebody changed since `base`, on top of what the element says now. */
export const rebase = (base: Texts, mine: Texts, now: Texts): Texts =>
  Object.fromEntries(
    Object.keys(now).map((name) => [
      name,
      (mine[name] !== undefined && mine[name] !== base[name] ? mine[name] : now[name]) ?? "",
    ]),
  );

/**
 * Puts the texts into the element, and touches nothing that they do not change: entries whose lines are the same keep
 * what no line shows. Throws 400 naming the field.
 */
export function applyTexts(kind: EditKind, element: Element, texts: Texts): void {
  const before = textsOf(kind, element);
  const changed = new Map(changedNames(before, texts).map((name) => [name, texts[name] ?? ""]));
  judge(changed);
  const events = changedEvents(element["event"], changed);
  if (kind === "collection") return applyCollection(element, changed, events);
  const fields = {
    ...named(changed, "name", "name"),
    ...named(changed, "description", "description"),
    ...(events && { events: events.length > 0 ? events : null }),
  };
  if (kind === "folder") return applyFolder(element, fields);
  const v1 = requestToV1(element);
  const lines = (name: string, key: string) => {
    const text = changed.get(name);
    return text === undefined ? {} : { [key]: parseLines(text, paramsOf(v1[key])) };
  };
  applyRequest(element, {
    ...fields,
    ...named(changed, "method", "method"),
    ...named(changed, "url", "url"),
    ...lines("params", "queryParams"),
    ...lines("pathVariables", "pathVariableData"),
    ...lines("headers", "headerData"),
    ...lines("fields", "data"),
    ...bodyFields(changed, v1),
  });
}

const named = (changed: ReadonlyMap<string, string>, name: string, key: string): Record<string, string> => {
  const text = changed.get(name);
  return text === undefined ? {} : { [key]: text };
};

function bodyFields(changed: ReadonlyMap<string, string>, v1: Record<string, unknown>) {
  const body = changed.get("body");
  if (body !== undefined) return { dataMode: "raw" as const, rawModeData: body };
  if (!changed.has("graphqlQuery") && !changed.has("graphqlVariables")) return {};
  const known = isRecord(v1["graphqlModeData"]) ? v1["graphqlModeData"] : {};
  return {
    graphqlModeData: {
      ...known,
      ...named(changed, "graphqlQuery", "query"),
      ...named(changed, "graphqlVariables", "variables"),
    },
  };
}

function applyCollection(
  document: CollectionDocument,
  changed: ReadonlyMap<string, string>,
  events: Element[] | undefined,
): void {
  // Judged by parseCollection when it came.
  const info = document["info"] as Record<string, unknown>;
  const name = changed.get("name");
  const description = changed.get("description");
  const variables = changed.get("variables");
  if (name !== undefined) info["name"] = name;
  if (description !== undefined) info["description"] = description;
  if (events) document["event"] = events;
  if (variables !== undefined) document["variable"] = parseVariables(variables, document["variable"]);
}

/** The list of events with other scripts in it; undefined when neither has changed. */
function changedEvents(events: unknown, changed: ReadonlyMap<string, string>): ScriptEvent[] | undefined {
  const wanted = ["prerequest", "test"].filter((listen) => changed.has(listen));
  if (wanted.length === 0) return undefined;
  // Judged by whatever stored them; what is no event stays out of a list of events.
  let list = (Array.isArray(events) ? events.filter(isRecord) : []) as ScriptEvent[];
  for (const listen of wanted) {
    const exec = (changed.get(listen) ?? "").split("\n");
    const isEmpty = exec.every((line) => line.trim() === "");
    const at = list.findIndex((event) => event["listen"] === listen);
    const old = list[at];
    const script = { type: "text/javascript", ...(isRecord(old?.script) && old.script), exec };
    if (isEmpty) list = list.filter((_, index) => index !== at);
    else if (old) list = list.with(at, { ...old, script });
    else list = [...list, { listen, script }];
  }
  return list;
}

interface ScriptEvent extends Record<string, unknown> {
  listen: string;
  script?: { exec?: (string | null)[] | string };
}

/** `key: value` lines as v1 parameters; a line that was there before is the entry that it was, with all that it holds. */
export function parseLines(text: string, known: readonly Param[], field = ""): Param[] {
  const left = known.map((param, place) => ({ param, place, line: paramLine(param) }));
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // At their own place first: two lines may read the same and stand for two entries.
  const staying = lines.map((line, place) =>
    takeOut(left, (one) => one.place === place && one.line === line),
  );
  const taken = lines.map((line, place) => staying[place] ?? takeOut(left, (one) => one.line === line));
  return lines.map((line, index) => {
    const same = taken[index];
    if (same) return same;
    const entry = parseLine(line);
    const old = takeOut(left, ({ param }) => param["key"] === entry["key"] && param["type"] !== "file");
    if (entry["value"] !== HIDDEN) return { ...old, ...entry };
    if (old?.["type"] === "secret") return { ...old, enabled: entry["enabled"] };
    throw unfit(field, "A hidden value cannot go to another name; enter the value again.");
  });
}

interface KnownLine {
  param: Param;
  place: number;
  line: string;
}

function takeOut(left: KnownLine[], isWanted: (one: KnownLine) => boolean): Param | undefined {
  const at = left.findIndex(isWanted);
  return at < 0 ? undefined : left.splice(at, 1)[0]?.param;
}

function parseLine(line: string): Param {
  const [, off, rest = ""] = /^\s*(\/\/)?\s*(.*?)\s*$/.exec(line) ?? [];
  const at = rest.indexOf(":");
  const [key, value] = at < 0 ? [rest, ""] : [rest.slice(0, at), rest.slice(at + 1)];
  const text = value.trim().replaceAll(LINE_BREAK, "\n");
  return { key: key.trim(), value: text, enabled: off === undefined };
}

/** Variables of v2.1 say `disabled`. Those whose line is the same come back without `enabled`, as they are. */
const parseVariables = (text: string, stored: unknown): Element[] =>
  parseLines(text, paramsOf(stored), "variables").map(({ enabled, ...variable }) => {
    if (enabled === undefined) return variable;
    const { disabled: _, ...rest } = variable;
    return enabled === false ? { ...rest, disabled: true } : rest;
  });

function judge(changed: ReadonlyMap<string, string>): void {
  const name = changed.get("name");
  if (name?.trim() === "") throw unfit("name", "Give it a name.");
  const method = changed.get("method");
  if (method !== undefined && !/^[\w-]{1,100}$|^\{\{[^{}]{1,200}\}\}$/.test(method)) {
    throw unfit("method", "A method is a word such as GET or POST, or a variable.");
  }
  for (const [field, text] of changed) {
    if (text.includes("\0")) throw unfit(field, "It holds a NUL character, which no request can carry.");
  }
}

const unfit = (param: string, message: string): AppError =>
  new AppError("bad_request", message, { name: "invalidParamsError", details: { param } });
