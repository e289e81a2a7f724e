import { isRecord } from "../lib/parse.ts";

/** One row of the search index. */
export interface SearchItem {
  kind: "collection" | "folder" | "request";
  id: string;
  name: string;
  method: string | null;
  url: string | null;
  description: string;
  /** Lower case, each once. */
  words: string[];
}

const MAX_ITEMS = 50_000;
const MAX_WORDS = 200;
const MAX_WORD_LENGTH = 60;
const MAX_NAME_LENGTH = 500;
const MAX_URL_LENGTH = 2000;
const MAX_DESCRIPTION_LENGTH = 1000;

/** What can be found of a collection: itself first, then its folders and requests in the order of the document. */
export function searchItemsOf(id: string, document: Record<string, unknown>): SearchItem[] {
  const info = isRecord(document["info"]) ? document["info"] : {};
  const self = toItem("collection", { ...info, id }, []);
  const found = [self];
  const open = [{ items: document["item"], around: self.name }];
  for (let list = open.pop(); list && found.length < MAX_ITEMS; list = open.pop()) {
    if (!Array.isArray(list.items)) continue;
    const folders: typeof open = [];
    for (const item of list.items) {
      if (!isRecord(item)) continue;
      const kind = item["item"] === undefined ? "request" : "folder";
      const row = toItem(kind, item, [list.around]);
      found.push(row);
      if (kind === "folder") folders.push({ items: item["item"], around: `${list.around} ${row.name}` });
    }
    // The last is taken first.
    open.push(...folders.toReversed());
  }
  return found.slice(0, MAX_ITEMS);
}

/** `around`: names of what it stands in, by which it is found too. */
function toItem(kind: SearchItem["kind"], item: Record<string, unknown>, around: string[]): SearchItem {
  const { request } = item;
  const name = textOf(item["name"]).slice(0, MAX_NAME_LENGTH);
  const method = kind === "request" ? methodOf(request) : null;
  const url = kind === "request" ? urlOf(request).slice(0, MAX_URL_LENGTH) : null;
  const described = item["description"] ?? (isRecord(request) ? request["description"] : undefined);
  const description = textOf(described).slice(0, MAX_DESCRIPTION_LENGTH);
  const words = wordsOf([name, method ?? "", url ?? "", description, ...around].join(" "));
  return { kind, id: textOf(item["id"]), name, method, url, description, words };
}

/** A text, or the content of a description object. No NUL: Postgres takes none. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value.replaceAll("\0", "");
  return isRecord(value) ? textOf(value["content"]) : "";
}

function methodOf(request: unknown): string {
  const method = isRecord(request) ? textOf(request["method"]) : "";
  return method === "" ? "GET" : method.toUpperCase().slice(0, 50);
}

function urlOf(request: unknown): string {
  const url = isRecord(request) ? request["url"] : request;
  if (!isRecord(url)) return textOf(url);
  const raw = textOf(url["raw"]);
  return raw === "" ? [partsOf(url["host"], "."), partsOf(url["path"], "/")].join("/") : raw;
}

const partsOf = (parts: unknown, separator: string): string =>
  Array.isArray(parts) ? parts.map(textOf).join(separator) : textOf(parts);

/** Words in lower case; of `listOrders` also `list` and `orders`. */
export function wordsOf(text: string): string[] {
  const words = new Set<string>();
  for (const [run] of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    if (words.size >= MAX_WORDS) break;
    add(words, run);
    const parts = run.split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/u);
    if (parts.length > 1) for (const part of parts) add(words, part);
  }
  return [...words].slice(0, MAX_WORDS);
}

const add = (words: Set<string>, word: string): void =>
  void words.add(word.toLowerCase().slice(0, MAX_WORD_LENGTH));

/** Words of a question, as they stand in it. */
export const questionWords = (question: string): string[] => [
  ...new Set(
    [...question.matchAll(/[\p{L}\p{N}]+/gu)].map(([run]) => run.toLowerCase().slice(0, MAX_WORD_LENGTH)),
  ),
];

/** As Postgres writes a `tsvector`; words hold letters and digits only. */
export const toVector = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(" ");

/** As Postgres writes a `tsquery` of beginnings of words. */
export const toQuery = (words: readonly string[], how: "all" | "any"): string =>
  words.map((word) => `'${word}':*`).join(how === "all" ? " & " : " | ");
