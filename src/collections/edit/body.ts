import { isRecord } from "../../lib/parse.ts";
import type { SecretBox } from "../../lib/seal.ts";
import type { Element } from "../elements.ts";
import { wordOf } from "../revisions/describe.ts";
import { applyRows, parseRows, rowsOf, rowsText } from "./rows.ts";
import { lf, type Texts, unfit } from "./texts.ts";

/** Fields of the form by the mode that they belong to. */
const fieldsOfMode: Readonly<Record<string, readonly string[]>> = {
  raw: ["body", "bodyLanguage"],
  urlencoded: ["urlencoded"],
  formdata: ["formdata"],
  graphql: ["graphqlQuery", "graphqlVariables"],
};
/** Modes that can be chosen; empty = no body. */
export const bodyModes: readonly string[] = ["", ...Object.keys(fieldsOfMode)];

const bodyFields = new Set(["bodyMode", ...Object.values(fieldsOfMode).flat()]);
const modeOf = (body: unknown): string => (isRecord(body) ? wordOf(body["mode"]) : "");

/** The body in every mode that could be chosen: what a document holds of others shows when they are. */
export function bodyTexts(body: unknown): Texts {
  const source = isRecord(body) ? body : {};
  const graphql = isRecord(source["graphql"]) ? source["graphql"] : { query: source["graphql"] };
  return {
    bodyMode: modeOf(body),
    body: lf(wordOf(source["raw"])),
    bodyLanguage: wordOf(rawOptions(source)["language"]),
    urlencoded: rowsText(rowsOf(source["urlencoded"])),
    formdata: rowsText(rowsOf(source["formdata"])),
    graphqlQuery: lf(wordOf(graphql["query"])),
    graphqlVariables: lf(wordOf(graphql["variables"])),
  };
}

const optionsOf = (body: Element): Record<string, unknown> =>
  isRecord(body["options"]) ? body["options"] : {};
const rawOptions = (body: Element): Record<string, unknown> => {
  const { raw } = optionsOf(body);
  return isRecord(raw) ? raw : {};
};

/** Whether a field belongs to a mode that is not chosen: then it is not on the page, and what it says does not count. */
export const isOfOtherMode = (name: string, mode: string): boolean =>
  name !== "bodyMode" && bodyFields.has(name) && !(fieldsOfMode[mode] ?? []).includes(name);

/** Puts what has changed into the body of a request, and nothing else. Throws 400 naming the field. */
export function applyBody(request: Element, changed: ReadonlyMap<string, string>, box: SecretBox): void {
  if (![...changed.keys()].some((name) => bodyFields.has(name))) return;
  const { body } = request;
  const before = modeOf(body);
  const mode = changed.get("bodyMode") ?? before;
  if (mode === "") {
    delete request["body"];
    return;
  }
  if (mode !== before && !bodyModes.includes(mode)) throw unfit("bodyMode", "Choose one of the modes.");
  const next: Element = { ...(isRecord(body) && body), mode };
  if (mode !== before) leaveMode(next, before);
  applyMode(next, mode, { changed, box });
  request["body"] = next;
}

/** What the mode before held would never be sent and never be seen again. */
function leaveMode(body: Element, before: string): void {
  delete body[before];
  const { [before]: _, ...options } = optionsOf(body);
  setOptions(body, options);
}

function setOptions(body: Element, options: Record<string, unknown>): void {
  if (Object.keys(options).length > 0) body["options"] = options;
  else delete body["options"];
}

function applyMode(
  body: Element,
  mode: string,
  { changed, box }: { changed: ReadonlyMap<string, string>; box: SecretBox },
): void {
  if (mode === "raw") return applyRaw(body, changed);
  if (mode === "graphql") return applyGraphql(body, changed);
  if (mode !== "urlencoded" && mode !== "formdata") return;
  const text = changed.get(mode);
  const fresh = mode === "formdata" ? { type: "text" } : {};
  if (text !== undefined)
    body[mode] = applyRows(mode, parseRows(mode, text), { list: body[mode], box, fresh });
  else body[mode] ??= [];
}

function applyRaw(body: Element, changed: ReadonlyMap<string, string>): void {
  body["raw"] = changed.get("body") ?? body["raw"] ?? "";
  const language = changed.get("bodyLanguage");
  if (language === undefined) return;
  const { language: _, ...raw } = rawOptions(body);
  const { raw: _raw, ...options } = optionsOf(body);
  const kept = language === "" ? raw : { ...raw, language };
  setOptions(body, Object.keys(kept).length > 0 ? { ...options, raw: kept } : options);
}

function applyGraphql(body: Element, changed: ReadonlyMap<string, string>): void {
  const { graphql } = body;
  const known = isRecord(graphql) ? graphql : { query: wordOf(graphql) };
  const [query, variables] = [changed.get("graphqlQuery"), changed.get("graphqlVariables")];
  body["graphql"] = {
    ...known,
    ...(query !== undefined && { query }),
    ...(variables !== undefined && { variables }),
  };
}
