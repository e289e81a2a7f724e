import { isRecord } from "../../lib/parse.ts";
import type { Element } from "../elements.ts";
import { textOf } from "../v1/params.ts";
import { requestOf } from "../v1/request.ts";
import { rawUrlOf } from "../v1/url.ts";

/** A field of an element as people read it. `raw` is what it says exactly: texts can hide what differs. */
export interface DescribedField {
  label: string;
  text: string;
  raw: string;
}

export type DescribedKind = "collection" | "folder" | "request" | "example";

/** What is noted by programs, not written by people; and what holds other elements. */
const bookkeeping = new Set(["uid", "id", "_postman_id", "createdAt", "updatedAt", "lastUpdatedBy", "fork"]);

/** Everything that an element says itself, in reading order; without what it holds. Values of secrets are hidden. */
export function describe(kind: DescribedKind, element: Element): DescribedField[] {
  const fields = kind === "example" ? ofExample(element) : ofOwner(kind, element);
  return fields.filter(({ raw }) => raw !== "" && raw !== "undefined");
}

function ofOwner(kind: DescribedKind, element: Element): DescribedField[] {
  const { name, description, event, auth, variable, request, item: _i, response: _r, ...rest } = element;
  const info = kind === "collection" && isRecord(rest["info"]) ? rest["info"] : {};
  if (kind === "collection") delete rest["info"];
  const { name: title, description: about, ...moreInfo } = info;
  return [
    text("Name", kind === "collection" ? title : name),
    ...(kind === "request" ? ofRequest(requestOf({ request })) : []),
    field("Authorization", auth, authText(auth)),
    field("Variables", variable, paramLines(variable)),
    ...ofEvents(event),
    text("Description", textOf(kind === "collection" ? about : description) ?? undefined),
    other({ ...moreInfo, ...rest }),
  ];
}

function ofRequest(request: Record<string, unknown>): DescribedField[] {
  const { method, url, header, body, auth, description, ...rest } = request;
  const { query, variable, raw: _raw, ...parts } = isRecord(url) ? url : {};
  return [
    text("Method", method ?? "GET"),
    text("URL", rawUrlOf(url)),
    field("Parameters", query, paramLines(query)),
    field("Path variables", variable, paramLines(variable)),
    field("Headers", header, paramLines(header)),
    field("Authorization", auth, authText(auth)),
    ...ofBody(body),
    text("Description", textOf(description) ?? undefined),
    // Parts of the address repeat its text; what differs in them alone must not be lost.
    field("Parts of the URL", Object.keys(parts).length > 0 ? parts : undefined, pretty(parts)),
    other(rest),
  ];
}

function ofBody(body: unknown): DescribedField[] {
  if (!isRecord(body)) return [];
  const { mode, raw, urlencoded, formdata, graphql, options, ...rest } = body;
  return [
    text("Body mode", mode),
    text("Body", raw),
    field("Form fields", urlencoded, paramLines(urlencoded)),
    field("Form fields and files", formdata, paramLines(formdata)),
    field("GraphQL query", isRecord(graphql) ? graphql["query"] : graphql, textIn(graphql, "query")),
    field(
      "GraphQL variables",
      isRecord(graphql) ? graphql["variables"] : undefined,
      textIn(graphql, "variables"),
    ),
    field("Body options", options, pretty(options)),
    field("More of the body", Object.keys(rest).length > 0 ? rest : undefined, pretty(rest)),
  ];
}

function ofExample(element: Element): DescribedField[] {
  const { name, code, status, header, body, originalRequest, ...rest } = element;
  return [
    text("Name", name),
    text("Status", `${wordOf(code)} ${wordOf(status)}`.trim()),
    field("Headers", header, paramLines(header)),
    text("Body", body ?? undefined),
    field("Request", originalRequest, requestLine(originalRequest)),
    other(rest),
  ];
}

const requestLine = (request: unknown): string => {
  const { method = "GET", url } = requestOf({ request });
  return `${String(method)} ${rawUrlOf(url)}`;
};

/** Labels by the name of the event; scripts of other events keep their own name. */
const eventLabels: ReadonlyMap<unknown, string> = new Map([
  ["prerequest", "Pre-request script"],
  ["test", "Test script"],
]);

function ofEvents(events: unknown): DescribedField[] {
  if (!Array.isArray(events)) return [];
  const labels = new Map<string, number>();
  return events.filter(isRecord).map((event) => {
    const label = eventLabels.get(event["listen"]) ?? `Script of ${String(event["listen"])}`;
    const count = (labels.get(label) ?? 0) + 1;
    labels.set(label, count);
    const { id: _, ...rest } = event;
    return field(count === 1 ? label : `${label} ${count}`, rest, scriptText(event["script"]));
  });
}

/** The text of a script: a list of lines, or one text. */
export function scriptText(script: unknown): string {
  const exec = isRecord(script) ? script["exec"] : script;
  const text = Array.isArray(exec) ? exec.map((line) => String(line ?? "")).join("\n") : exec;
  return typeof text === "string" ? text.replaceAll("\r\n", "\n") : "";
}

/** Parts of authorizations that may be read; all others are hidden. */
const openAuthFields = new Set(
  `username in addTokenTo grant_type algorithm authUrl accessTokenUrl clientId scope state region service headerPrefix
   tokenName consumerKey signatureMethod version realm addParamsToHeader addEmptyParamsToSign useBrowser client_authentication
   challengeAlgorithm redirect_uri refreshTokenUrl qop nonceCount domain workstation authId user delegation app claims
   isSecretBase64Encoded queryParamKey headers issuer audience subject kid expiresIn resource payload header callback nonce
   clientNonce opaque timestamp disableRetryRequest includeBodyHash includePayloadHash disableHeaderEncoding
   addAuthDataToQuery extraData alg iss aud sub exp baseURL headersToSign maxBodySize`
    .split(/\s+/)
    .filter((name) => name !== ""),
);

/** Whether people may read what a field of an authorization says. */
export const isOpenAuthField = (type: string, name: string): boolean =>
  openAuthFields.has(name) || (type === "apikey" && name === "key");

/** Type and fields, a line each; hidden values show as dots, names of variables as they are. */
export function authText(auth: unknown): string {
  return authEntries(auth)
    .map(({ key, value }) => `${key}: ${value}`)
    .join("\n");
}

export function authEntries(auth: unknown): { key: string; value: string }[] {
  if (!isRecord(auth)) return [];
  const type = typeof auth["type"] === "string" ? auth["type"] : "";
  const list = Array.isArray(auth[type]) ? auth[type].filter(isRecord) : entriesOf(auth[type]);
  const shown = list.map((entry) => {
    const key = wordOf(entry["key"]);
    return { key, value: isOpenAuthField(type, key) ? wordOf(entry["value"]) : hidden(entry["value"]) };
  });
  return [{ key: "type", value: type }, ...shown];
}

/** Authorizations of v2.0 are objects. */
const entriesOf = (parameters: unknown): Record<string, unknown>[] =>
  isRecord(parameters) ? Object.entries(parameters).map(([key, value]) => ({ key, value })) : [];

/** Stands for a value that is not shown. */
export const HIDDEN = "••••••••";
/** Stands for the end of a line inside of a line. */
export const LINE_BREAK = "⏎";

/** A secret is not shown; the name of the variable that holds it is none. */
export const hidden = (value: unknown): string => {
  const shown = wordOf(value);
  return shown === "" || isVariableName(shown) ? shown : HIDDEN;
};

/** `{{name}}` and nothing else. */
export const isVariableName = (text: string): boolean => /^\{\{[^{}]*\}\}$/.test(text);

/** `key: value`, a line each, `//` before what is switched off; the form in which Postman edits many at once. */
export function paramLines(params: unknown): string {
  if (typeof params === "string") return params;
  if (!Array.isArray(params)) return "";
  return params.filter(isRecord).map(paramLine).join("\n");
}

export function paramLine(param: Record<string, unknown>): string {
  const off = param["disabled"] === true || param["enabled"] === false ? "// " : "";
  const value = param["type"] === "secret" ? hidden(param["value"]) : wordOf(valueOf(param));
  // A line is a line: what is in several is told apart by `raw`.
  return `${off}${wordOf(param["key"])}: ${value}`.replaceAll(/\r?\n/g, LINE_BREAK);
}

const valueOf = (param: Record<string, unknown>): unknown =>
  param["type"] === "file" ? `@${wordOf(param["src"])}` : param["value"];

/** Texts as they are; what else there is as JSON. */
export const wordOf = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
};

const pretty = (value: unknown): string => JSON.stringify(value, null, 2) ?? "";

const textIn = (holder: unknown, key: string): string => {
  if (!isRecord(holder)) return wordOf(holder);
  return typeof holder[key] === "string" ? holder[key].replaceAll("\r\n", "\n") : wordOf(holder[key]);
};

const field = (label: string, value: unknown, shown: string): DescribedField => ({
  label,
  text: shown,
  raw: value === undefined ? "" : JSON.stringify(value),
});

const text = (label: string, value: unknown): DescribedField =>
  field(label, value, typeof value === "string" ? value.replaceAll("\r\n", "\n") : wordOf(value));

function other(rest: Record<string, unknown>): DescribedField {
  const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => !bookkeeping.has(key)));
  return field("Other settings", Object.keys(kept).length > 0 ? kept : undefined, pretty(kept));
}
