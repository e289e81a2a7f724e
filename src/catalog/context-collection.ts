import { isRecord } from "../lib/parse.ts";
import {
  isFolder,
  type Json,
  listOf,
  methodOf,
  type PlacedItem,
  textOf,
  urlOf,
  walkItems,
} from "./collection-walk.ts";
import { blocks, code, codeBlock, oneLine, section, shortened } from "./markdown.ts";

/** Longer trees are cut: whoever reads them asks for a folder. */
const MAX_TREE_LINES = 1000;

/** Parts of collections as Markdown, for readers that are language models. Values of credentials are left out; no IO. */

interface Head {
  uid: string;
  name: string;
}

/** What it is, how it signs in, its variables, and the tree of its folders and requests. */
export function collectionText(head: Head, document: Json): string {
  const info = isRecord(document["info"]) ? document["info"] : {};
  return blocks(
    `# Collection: ${oneLine(head.name)}`,
    `- ID: ${code(head.uid)}`,
    shortened(textOf(info["description"])),
    authText(document["auth"]),
    section("Variables", listOf(document["variable"]).map(variableLine)),
    treeText(document),
  );
}

function treeText(document: Json): string {
  const lines: string[] = [];
  let count = 0;
  for (const { item, folders } of walkItems(document)) {
    count++;
    if (count > MAX_TREE_LINES) continue;
    const indent = "  ".repeat(Math.min(folders.length, 20));
    lines.push(`${indent}- ${itemLine(item)}`);
  }
  if (count > MAX_TREE_LINES) {
    lines.push(`- … ${count - MAX_TREE_LINES} more: search for requests with a filter on collectionId`);
  }
  return `## Folders and requests\n\n${lines.length === 0 ? "The collection is empty." : lines.join("\n")}`;
}

function itemLine(item: Json): string {
  const name = oneLine(textOf(item["name"]));
  const id = `(ID ${code(textOf(item["id"]))})`;
  return isFolder(item)
    ? `**${name}**/ ${id}`
    : `${methodOf(item["request"])} ${name} ${code(urlOf(item["request"]))} ${id}`;
}

export function folderText({ item, folders }: PlacedItem): string {
  return blocks(
    `# Folder: ${oneLine(textOf(item["name"]))}`,
    [`- ID: ${code(textOf(item["id"]))}`, ...placeLines(folders)].join("\n"),
    shortened(textOf(item["description"])),
    authText(item["auth"]),
    section("Contents", listOf(item["item"]).slice(0, MAX_TREE_LINES).map(itemLine)),
  );
}

const placeLines = (folders: readonly Json[]): string[] =>
  folders.length === 0
    ? []
    : [`- In: ${folders.map((folder) => oneLine(textOf(folder["name"]))).join(" / ")}`];

/** The request; `examples` are listed by name, or shown whole. */
export function requestText(
  { item, folders }: PlacedItem,
  document: Json,
  examples: "names" | "whole" = "names",
): string {
  const responses = listOf(item["response"]);
  return blocks(
    `# Request: ${oneLine(textOf(item["name"]))}`,
    [`- ID: ${code(textOf(item["id"]))}`, ...placeLines(folders)].join("\n"),
    definitionText(item["request"]),
    authText(...authOf(item, folders, document)),
    examples === "names"
      ? section("Saved responses", responses.map(responseLine))
      : responses.map((response) => `## Saved response: ${exampleText(response)}`).join("\n\n"),
  );
}

/** Method, URL, parameters, headers and body of a request, or of what a saved response answered. */
function definitionText(request: unknown): string {
  const url = isRecord(request) && isRecord(request["url"]) ? request["url"] : {};
  const parts = isRecord(request) ? request : {};
  return blocks(
    codeBlock(`${methodOf(request)} ${urlOf(request)}`),
    shortened(textOf(parts["description"])),
    section("Query parameters", pairLines(url["query"])),
    section("Path variables", pairLines(url["variable"])),
    section("Headers", pairLines(parts["header"])),
    bodyText(parts["body"]),
  ).trimEnd();
}

function pairLines(pairs: unknown): string[] {
  return listOf(pairs).map((pair) => {
    const about = textOf(pair["description"]);
    const isOff = pair["disabled"] === true ? " (off)" : "";
    return `${code(textOf(pair["key"]))}: ${code(shownValue(pair["value"]))}${isOff}${about === "" ? "" : ` – ${oneLine(about)}`}`;
  });
}

const shownValue = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");

function bodyText(body: unknown): string | undefined {
  if (!isRecord(body) || typeof body["mode"] !== "string") return undefined;
  const { mode } = body;
  const content = body[mode];
  if (mode === "urlencoded" || mode === "formdata") return section(`Body (${mode})`, pairLines(content));
  const text = typeof content === "string" ? content : JSON.stringify(content ?? {}, null, 2);
  return `## Body (${mode})\n\n${codeBlock(text)}`;
}

const responseLine = (response: Json): string =>
  `${oneLine(textOf(response["name"]))}: ${statusOf(response)} (ID ${code(textOf(response["id"]))})`;

const statusOf = ({ code: status, status: reason }: Json): string =>
  [typeof status === "number" ? String(status) : "", textOf(reason)].filter((part) => part !== "").join(" ");

export const responseText = (response: Json): string => `# Saved response: ${exampleText(response)}\n`;

function exampleText(response: Json): string {
  const body = textOf(response["body"]);
  return blocks(
    oneLine(textOf(response["name"])),
    [`- ID: ${code(textOf(response["id"]))}`, `- Status: ${statusOf(response)}`].join("\n"),
    section("Response headers", pairLines(response["header"])),
    body === "" ? undefined : `## Response body\n\n${codeBlock(body)}`,
    response["originalRequest"] === undefined
      ? undefined
      : `## Original request\n\n${definitionText(response["originalRequest"])}`,
  ).trimEnd();
}

/** The auth that a request uses, and whose it is. */
export function authOf(item: Json, folders: readonly Json[], document: Json): [unknown, string] {
  const { request } = item;
  const own = isRecord(request) ? request["auth"] : undefined;
  if (isRecord(own)) return [own, "its own"];
  const folder = folders.findLast((one) => isRecord(one["auth"]));
  if (folder) return [folder["auth"], `of the folder ${oneLine(textOf(folder["name"]))}`];
  return [document["auth"], "of the collection"];
}

/** Settings of auth that hold no credential. */
const openSettings = new Set([
  "key",
  "in",
  "username",
  "addTokenTo",
  "headerPrefix",
  "grant_type",
  "accessTokenUrl",
  "authUrl",
  "redirect_uri",
  "scope",
  "client_authentication",
  "clientId",
  "tokenName",
  "algorithm",
  "realm",
  "service",
  "region",
  "signatureMethod",
  "tokenType",
  "challengeAlgorithm",
  "accessKey",
]);

function authText(auth: unknown, whose?: string): string | undefined {
  if (!isRecord(auth) || typeof auth["type"] !== "string") return undefined;
  const { type } = auth;
  const lines = listOf(auth[type]).map(({ key, value }) => {
    const text = shownValue(value);
    const isShown = openSettings.has(textOf(key)) || /^\{\{[^{}]*\}\}$/.test(text) || text === "";
    return `${code(textOf(key))}: ${isShown ? code(text) : "(set, not shown)"}`;
  });
  const title = whose === undefined ? "Authentication" : `Authentication (${whose})`;
  return section(title, [`type: ${code(type)}`, ...lines]);
}

/** One variable of a collection or an environment; values of secrets are not shown. */
export function variableLine(variable: Json): string {
  const isSecret = variable["type"] === "secret" || variable["secret"] === true;
  const value = isSecret ? "(secret, not shown)" : code(shownValue(variable["value"] ?? ""));
  const type = textOf(variable["type"]);
  return `${code(textOf(variable["key"]))}: ${value}${type === "" ? "" : ` (${type})`}`;
}

/** Names of the variables that a request uses, the inherited auth included. */
export function usedVariables(placed: PlacedItem, document: Json): string[] {
  const [auth] = authOf(placed.item, placed.folders, document);
  const text = JSON.stringify([placed.item["request"], auth ?? null]);
  return [...new Set([...text.matchAll(/\{\{([^{}"\\]+)\}\}/g)].map(([, name = ""]) => name.trim()))];
}
