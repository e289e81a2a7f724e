import { isRecord } from "../lib/parse.ts";
import { isFolder, type Json, methodOf, textOf, urlOf, walkItems } from "./collection-walk.ts";

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
const MAX_METHOD_LENGTH = 50;
const MAX_URL_LENGTH = 2000;
const MAX_DESCRIPTION_LENGTH = 1000;

/** What can be found of a collection: itself first, then its folders and requests in the order of the document. */
export function searchItemsOf(id: string, document: Json): SearchItem[] {
  const info = isRecord(document["info"]) ? document["info"] : {};
  const self = toItem("collection", { ...info, id }, []);
  const found = [self];
  for (const { item, folders } of walkItems(document)) {
    if (found.length >= MAX_ITEMS) break;
    const around = [self.name, ...folders.map((folder) => clean(folder["name"]))];
    found.push(toItem(isFolder(item) ? "folder" : "request", item, around));
  }
  return found;
}

/** `around`: names of what it stands in, by which it is found too. */
function toItem(kind: SearchItem["kind"], item: Json, around: string[]): SearchItem {
  const { request } = item;
  const name = clean(item["name"]).slice(0, MAX_NAME_LENGTH);
  const method = kind === "request" ? clean(methodOf(request)).slice(0, MAX_METHOD_LENGTH) : null;
  const url = kind === "request" ? clean(urlOf(request)).slice(0, MAX_URL_LENGTH) : null;
  const described = item["description"] ?? (isRecord(request) ? request["description"] : undefined);
  const description = clean(described).slice(0, MAX_DESCRIPTION_LENGTH);
  const words = wordsOf([name, method ?? "", url ?? "", description, ...around].join(" "));
  return { kind, id: clean(item["id"]), name, method, url, description, words };
}

/** Postgres takes no NUL. */
const clean = (value: unknown): string => textOf(value).replaceAll("\0", "");

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
