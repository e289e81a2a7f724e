import { isRecord } from "../../lib/parse.ts";
import type { SecretBox } from "../../lib/seal.ts";
import type { CollectionDocument } from "../collection.ts";
import type { Element } from "../elements.ts";
import { wordOf } from "../revisions/describe.ts";
import { applyFolder } from "../v1/folder.ts";
import { textOf, toV1Params } from "../v1/params.ts";
import { applyRequest, requestOf, requestToV1 } from "../v1/request.ts";
import { withRaw } from "../v1/url.ts";
import { applyAuth, authTexts, isOfOtherType, readAuthText } from "./auth.ts";
import { applyBody, bodyTexts, isOfOtherMode } from "./body.ts";
import { applyRows, parseRows, readRows, rebaseRows, rowsOf, rowsText } from "./rows.ts";
import { changedEvents, type ScriptEvent, scriptOf } from "./scripts.ts";
import { changedNames, lf, type Texts, unfit } from "./texts.ts";

/** What can be edited on a page. */
export type EditKind = "collection" | "folder" | "request";

/** Fields that are tables; their texts are what `rowsText` makes. */
export const rowFields: ReadonlySet<string> = new Set([
  "params",
  "pathVariables",
  "headers",
  "urlencoded",
  "formdata",
  "variables",
]);

/** What the form shows of an element. A field that is not in it cannot be edited here. */
export function textsOf(kind: EditKind, element: Element): Texts {
  const owned = {
    prerequest: scriptOf(element["event"], "prerequest"),
    test: scriptOf(element["event"], "test"),
    ...authTexts(kind === "request" ? requestOf(element)["auth"] : element["auth"]),
  };
  if (kind === "request") return { ...requestTexts(element), ...owned };
  const head = kind === "collection" && isRecord(element["info"]) ? element["info"] : element;
  return {
    name: wordOf(head["name"]),
    variables: rowsText(rowsOf(element["variable"])),
    ...owned,
    description: lf(wordOf(textOf(head["description"]))),
  };
}

function requestTexts(item: Element): Texts {
  const v1 = requestToV1(item);
  const request = requestOf(item);
  const url = isRecord(request["url"]) ? request["url"] : withRaw(wordOf(v1["url"]), undefined);
  return {
    name: wordOf(v1["name"]),
    method: wordOf(v1["method"]),
    url: wordOf(v1["url"]),
    params: rowsText(rowsOf(url["query"])),
    pathVariables: rowsText(rowsOf(url["variable"])),
    headers: rowsText(rowsOf(request["header"])),
    ...bodyTexts(request["body"]),
    description: lf(wordOf(v1["description"])),
  };
}

/** What a form sent: every value under a name, in order. */
export type SentList = (name: string) => string[];

/** Fields that the element has not are passed over, and so are those of a body or an authorization that is not chosen. */
export function readTexts(base: Texts, sent: SentList, box: SecretBox): Texts {
  const read = Object.keys(base).map((name): [string, string] => [
    name,
    readText(name, base[name] ?? "", { sent, box }),
  ]);
  const texts: Texts = Object.fromEntries(read);
  return { ...base, ...chosenTexts(texts) };
}

function readText(name: string, base: string, { sent, box }: { sent: SentList; box: SecretBox }): string {
  const values = sent(name);
  if (!rowFields.has(name)) return readAuthText(name, base, values, box);
  const [whole] = values;
  if (whole !== undefined) return rowsText(parseRows(name, whole));
  return rowsText(readRows(name, { list: sent, base: parseRows(name, base), box }));
}

/** What goes through a preview and back: the texts of the body and the authorization that are chosen, and all others. */
export const chosenTexts = (texts: Texts): Texts =>
  Object.fromEntries(
    Object.entries(texts).filter(
      ([name]) => !isOfOtherMode(name, texts["bodyMode"] ?? "") && !isOfOtherType(name, texts["auth"] ?? ""),
    ),
  );

/** What somebody changed since `base`, on top of what the element says now. */
export const rebase = (base: Texts, mine: Texts, now: Texts): Texts =>
  Object.fromEntries(Object.keys(now).map((name) => [name, rebaseText(name, { base, mine, now })]));

function rebaseText(name: string, all: { base: Texts; mine: Texts; now: Texts }): string {
  const [base, mine, now = ""] = [all.base[name], all.mine[name], all.now[name]];
  if (mine === undefined || mine === base) return now;
  if (!rowFields.has(name) || base === undefined || base === now) return mine;
  return rowsText(rebaseRows(parseRows(name, mine), parseRows(name, base), parseRows(name, now)));
}

/**
 * Puts the texts into the element, and touches nothing that they do not change: entries whose rows are the same keep
 * what no row shows. Throws 400 naming the field.
 */
export function applyTexts(kind: EditKind, element: Element, texts: Texts, box: SecretBox): void {
  const before = textsOf(kind, element);
  const changed = new Map(changedNames(before, texts).map((name) => [name, texts[name] ?? ""]));
  judge(changed);
  const events = changedEvents(element["event"], changed);
  if (kind === "request") return applyToRequest(element, { changed, events, box });
  const list = rowsOfField(changed, "variables", { list: element["variable"], box });
  if (list) element["variable"] = list;
  applyAuth(element, changed, box);
  if (kind === "collection") return applyCollection(element, changed, events);
  applyFolder(element, headFields(changed, events));
}

const headFields = (changed: ReadonlyMap<string, string>, events: ScriptEvent[] | undefined) => ({
  ...named(changed, "name"),
  ...named(changed, "description"),
  ...(events && { events: events.length > 0 ? events : null }),
});

function rowsOfField(
  changed: ReadonlyMap<string, string>,
  name: string,
  options: { list: unknown; box: SecretBox },
): Element[] | undefined {
  const text = changed.get(name);
  return text === undefined ? undefined : applyRows(name, parseRows(name, text), options);
}

interface RequestChange {
  changed: ReadonlyMap<string, string>;
  events: ScriptEvent[] | undefined;
  box: SecretBox;
}

function applyToRequest(item: Element, { changed, events, box }: RequestChange): void {
  const before = requestOf(item);
  const url = isRecord(before["url"]) ? before["url"] : withRaw(wordOf(before["url"]), undefined);
  const query = rowsOfField(changed, "params", { list: url["query"], box });
  const path = rowsOfField(changed, "pathVariables", { list: url["variable"], box });
  applyRequest(item, {
    ...headFields(changed, events),
    ...named(changed, "method"),
    ...named(changed, "url"),
    ...(query && { queryParams: toV1Params(query) }),
    ...(path && (path.length > 0 || !changed.has("url")) && { pathVariableData: toV1Params(path) }),
  });
  const request = requestOf(item);
  const text = JSON.stringify(request);
  // The v1 model has plain texts for descriptions; the entries themselves have more.
  const lists = { ...(query && { query }), ...(path && path.length > 0 && { variable: path }) };
  if (isRecord(request["url"])) Object.assign(request["url"], lists);
  const header = rowsOfField(changed, "headers", { list: request["header"], box });
  if (header) request["header"] = header;
  applyBody(request, changed, box);
  applyAuth(request, changed, box);
  // One that was a text and has not changed stays a text.
  if (isRecord(item["request"]) || JSON.stringify(request) !== text) item["request"] = request;
}

const named = (changed: ReadonlyMap<string, string>, name: string): Record<string, string> => {
  const text = changed.get(name);
  return text === undefined ? {} : { [name]: text };
};

function applyCollection(
  document: CollectionDocument,
  changed: ReadonlyMap<string, string>,
  events: ScriptEvent[] | undefined,
): void {
  // Judged by parseCollection when it came.
  const info = document["info"] as Record<string, unknown>;
  Object.assign(info, named(changed, "name"), named(changed, "description"));
  if (events) document["event"] = events;
}

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
