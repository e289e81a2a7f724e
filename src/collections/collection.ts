import { AppError } from "../lib/errors.ts";
import { bareId, newId, toUid } from "../lib/ids.ts";
import { isRecord } from "../lib/parse.ts";
import type { ForkMark } from "./forks/marks.ts";

/** A collection as parsed JSON. Only what is named here is ever looked at; everything else passes through. */
export type CollectionDocument = Record<string, unknown>;

export interface ParsedCollection {
  id: string | undefined;
  name: string;
  document: CollectionDocument;
}

const MAX_DETAILS = 20;
const schemaPattern = /\/collection\/v(\d+)\.(\d+)(\.\d+)?\/?/;

/**
 * Judges a document: v2.0 and v2.1 pass, everything else is 400 `malformedRequestError` with details in
 * Postman's words, or one sentence when it is another format. `id` is what the document calls itself.
 */
export function parseCollection(document: CollectionDocument): ParsedCollection {
  refuseOtherFormats(document);
  const problems = [...problemsOfInfo(document), ...problemsOfItems(document)];
  if (problems.length > 0) throw unfit(problems);
  // Both are there: problemsOfInfo found nothing.
  const info = document["info"] as { name: string; _postman_id?: unknown };
  const id = typeof info._postman_id === "string" ? bareId(info._postman_id) : undefined;
  return { id, name: info.name, document };
}

function refuseOtherFormats(document: CollectionDocument): void {
  const isV1 = Array.isArray(document["requests"]) || Array.isArray(document["order"]);
  if (isV1 && !isRecord(document["info"])) throw refused("a Postman Collection v1");
  if (typeof document["openapi"] === "string" || typeof document["swagger"] === "string") {
    throw refused("an OpenAPI document");
  }
  if (Array.isArray(document["values"]) && !isRecord(document["info"])) throw refused("an environment");
  const version = schemaPattern.exec(schemaOf(document) ?? "")?.[1];
  if (version !== undefined && version !== "2") throw refused(`a Postman Collection v${version}`);
}

const refused = (what: string): AppError =>
  new AppError(
    "bad_request",
    `This is ${what}; only Collection v2.1 and v2.0 are accepted: export the collection from Postman as v2.1.`,
    { name: "malformedRequestError" },
  );

function schemaOf(document: CollectionDocument): string | undefined {
  const info = document["info"];
  const schema = isRecord(info) ? info["schema"] : undefined;
  return typeof schema === "string" ? schema : undefined;
}

function problemsOfInfo(document: CollectionDocument): string[] {
  const { info } = document;
  if (info === undefined) return [": must have required property 'info'"];
  if (!isRecord(info)) return ["info: must be object"];
  const problems: string[] = [];
  if (info["name"] === undefined) problems.push("info: must have required property 'name'");
  else if (typeof info["name"] !== "string") problems.push("info.name: must be string");
  else if (info["name"].trim() === "") problems.push("info.name: must NOT have fewer than 1 characters");
  else if (info["name"].includes("\0")) problems.push("info.name: must not hold a NUL character");
  if (info["schema"] === undefined) problems.push("info: must have required property 'schema'");
  else if (!schemaPattern.test(schemaOf(document) ?? "")) {
    problems.push("info.schema: must be the URL of Collection v2.1.0 or v2.0.0");
  }
  return problems;
}

interface Visit {
  item: Record<string, unknown>;
  path: string;
  /** Ids of the folders around it. */
  ancestors: ReadonlySet<unknown>;
}

function problemsOfItems(document: CollectionDocument): string[] {
  if (document["item"] === undefined) return [": must have required property 'item'"];
  if (!Array.isArray(document["item"])) return ["item: must be array"];
  const problems: string[] = [];
  const open: { items: unknown[]; path: string; ancestors: ReadonlySet<unknown> }[] = [
    { items: document["item"], path: "item", ancestors: new Set() },
  ];
  for (let list = open.pop(); list && problems.length < MAX_DETAILS; list = open.pop()) {
    for (const [index, item] of list.items.entries()) {
      const path = `${list.path}.${index}`;
      if (!isRecord(item)) problems.push(`${path}: must be object`);
      else {
        const { problem, inner } = judgeItem({ item, path, ancestors: list.ancestors });
        if (problem) problems.push(problem);
        if (inner) open.push(inner);
      }
    }
  }
  return problems;
}

function judgeItem({ item, path, ancestors }: Visit) {
  const { id, item: items, request } = item;
  if (items === undefined) {
    const isRequest = request === undefined || typeof request === "string" || isRecord(request);
    return isRequest ? {} : { problem: `${path}.request: must be object or string` };
  }
  if (!Array.isArray(items)) return { problem: `${path}.item: must be array` };
  if (typeof id === "string" && ancestors.has(id)) {
    return { problem: `${path}: the folder "${id}" contains itself` };
  }
  return { inner: { items, path: `${path}.item`, ancestors: new Set([...ancestors, id]) } };
}

const unfit = (problems: string[]): AppError =>
  new AppError("bad_request", `Found ${problems.length} errors with the supplied collection.`, {
    name: "malformedRequestError",
    details: problems.slice(0, MAX_DETAILS),
  });

/** Every item of the document, folders included, without recursion: documents nest as deep as they like. */
function* itemsOf(document: CollectionDocument): Generator<Record<string, unknown>> {
  const open: unknown[] = [document["item"]];
  for (let items = open.pop(); items !== undefined; items = open.pop()) {
    if (!Array.isArray(items)) continue;
    for (const item of items) {
      if (!isRecord(item)) continue;
      yield item;
      if (item["item"] !== undefined) open.push(item["item"]);
    }
  }
}

const responsesOf = (item: Record<string, unknown>): Record<string, unknown>[] =>
  Array.isArray(item["response"]) ? item["response"].filter(isRecord) : [];

/** Puts the document under the given id, and gives every item and saved response an id too. Changes `document`. */
export function withIds(document: CollectionDocument, id: string): CollectionDocument {
  // Judged by parseCollection before.
  const info = document["info"] as Record<string, unknown>;
  if (info["_postman_id"] === undefined) document["info"] = { _postman_id: id, ...info };
  else info["_postman_id"] = id;
  for (const item of itemsOf(document)) {
    item["id"] ??= newId();
    for (const response of responsesOf(item)) response["id"] ??= newId();
  }
  return document;
}

/** Who and when, which is not part of the document. */
export interface Provenance {
  id: string;
  ownerId: number;
  updatedBy: number;
  createdAt: Date;
  updatedAt: Date;
  /** Of a fork: where it came from. */
  fork?: ForkMark | undefined;
}

/** The document as the API answers it: uids, owner and times on top of what is stored. Changes `document`. */
export function decorate(document: CollectionDocument, provenance: Provenance): CollectionDocument {
  const createdAt = provenance.createdAt.toISOString();
  const updatedAt = provenance.updatedAt.toISOString();
  const stamp = (element: Record<string, unknown>) => {
    if (typeof element["id"] === "string") element["uid"] = uidOf(provenance.ownerId, element["id"]);
    element["createdAt"] ??= createdAt;
    element["updatedAt"] ??= updatedAt;
  };
  Object.assign(document["info"] as Record<string, unknown>, {
    createdAt,
    updatedAt,
    lastUpdatedBy: String(provenance.updatedBy),
    uid: toUid(provenance.ownerId, provenance.id),
    // What a document says itself of a fork was true of another collection.
    fork: provenance.fork,
  });
  for (const item of itemsOf(document)) {
    stamp(item);
    if (item["item"] === undefined) item["response"] ??= [];
    for (const response of responsesOf(item)) stamp(response);
  }
  return document;
}

const uidOf = (ownerId: number, id: string): string => toUid(ownerId, bareId(id) ?? id);

/** `?model=minimal`: only the uids of what stands at the root. */
export function minimalModel(decorated: CollectionDocument): Record<string, unknown> {
  const { item, event, info, ...rest } = decorated;
  const { schema: _, ...minimalInfo } = isRecord(info) ? info : {};
  const roots = Array.isArray(item) ? item.filter(isRecord) : [];
  const uids = (wanted: (item: Record<string, unknown>) => boolean) =>
    roots.filter(wanted).map((root) => root["uid"]);
  return {
    info: minimalInfo,
    ...rest,
    ...(event !== undefined && { events: event }),
    rootLevelRequests: uids((root) => root["item"] === undefined),
    rootLevelFolders: uids((root) => root["item"] !== undefined),
  };
}
