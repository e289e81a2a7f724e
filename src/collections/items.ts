import { AppError } from "../lib/errors.ts";
import { bareId, newId } from "../lib/ids.ts";
import type { CollectionDocument } from "./collection.ts";
import { type Element, type ElementKind, findPlace, idOf, listOf, type Place } from "./elements.ts";
import type { Collection } from "./store.ts";
import { applyFolder, type FolderFields } from "./v1/folder.ts";
import { applyRequest, type RequestFields, requestOf } from "./v1/request.ts";
import { applyResponse, type ResponseFields } from "./v1/response.ts";

/** What a client sends of an element, by its kind. */
export type SentElement =
  | { kind: "folder"; fields: FolderFields }
  | { kind: "request"; fields: RequestFields }
  | { kind: "response"; fields: ResponseFields };

type Owned = Pick<Collection, "document" | "ownerId">;

/** The element of a document; 404 in Postman's words when there is none. */
export function getPlace({ document, ownerId }: Owned, kind: ElementKind, asked: string): Place {
  const place = findPlace(document, kind, asked);
  if (!place) throw elementNotFound(kind, asked, ownerId);
  return place;
}

export const elementNotFound = (kind: ElementKind, asked: string, ownerId: number): AppError =>
  new AppError("not_found", `We could not find the ${kind} you are looking for`, {
    name: "instanceNotFoundError",
    details: { model: kind, owner: String(ownerId), model_id: asked },
  });

/**
 * Adds an element at the end of a folder (of the root without one) or of a request. `now` is an ISO time. Throws 404 for
 * an unknown parent and 400 `instanceFoundError` for an id that the document has.
 */
export function addElement(
  collection: Owned,
  sent: SentElement,
  { parentId, now }: { parentId: string | undefined; now: string },
): Place {
  const { document } = collection;
  const id = newIdFor(collection, sent);
  const element = emptyElement(sent, id);
  const place = placeFor(collection, sent.kind, { parentId, element });
  if (sent.kind === "response" && place.parent) {
    element["originalRequest"] = structuredClone(requestOf(place.parent));
  }
  applySent(element, sent);
  Object.assign(element, { createdAt: now, updatedAt: now });
  place.siblings.push(element);
  document["item"] ??= [];
  return place;
}

function placeFor(
  collection: Owned,
  kind: ElementKind,
  { parentId, element }: { parentId: string | undefined; element: Element },
): Place {
  if (kind === "response") {
    const parent = getPlace(collection, "request", parentId ?? "").element;
    return { element, parent, siblings: listOf(parent, "response") };
  }
  if (parentId === undefined || parentId === "") {
    return { element, parent: undefined, siblings: listOf(collection.document, "item") };
  }
  const parent = getPlace(collection, "folder", parentId).element;
  return { element, parent, siblings: listOf(parent, "item") };
}

/** An id of the client's own is kept when it is a uuid that the document has not. */
function newIdFor({ document, ownerId }: Owned, { kind, fields }: SentElement): string {
  if (fields.id === undefined) return newId();
  const id = bareId(fields.id);
  if (id === undefined) {
    throw new AppError(
      "bad_request",
      "The id of a new element must be a UUID; leave it out to be given one.",
      {
        name: "invalidParamsError",
        details: { param: "id" },
      },
    );
  }
  if (findPlace(document, kind, id)) {
    throw new AppError("bad_request", `This ${kind} already exists in the database.`, {
      name: "instanceFoundError",
      details: { model: kind, owner: String(ownerId), model_id: id },
    });
  }
  return id;
}

function emptyElement({ kind }: SentElement, id: string): Element {
  if (kind === "folder") return { name: "New Folder", id, item: [] };
  if (kind === "request") {
    return { name: "New Request", id, request: { method: "GET", header: [] }, response: [] };
  }
  return { id, name: "New Response", header: [], cookie: [], responseTime: null };
}

/** Changes what was sent and nothing else. `now` is an ISO time. */
export function changeElement(element: Element, sent: SentElement, now: string): void {
  applySent(element, sent);
  element["updatedAt"] = now;
}

function applySent(element: Element, sent: SentElement): void {
  if (sent.kind === "folder") applyFolder(element, sent.fields);
  else if (sent.kind === "request") applyRequest(element, sent.fields);
  else applyResponse(element, sent.fields);
}

/** Takes an element out of its list, with everything below it. */
export function removeElement({ siblings, element }: Place): void {
  siblings.splice(siblings.indexOf(element), 1);
}

/** Names of the fields that a change may have touched, for the audit trail: values may be secrets. */
export const fieldNames = ({ fields }: SentElement): string[] =>
  Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]));

/** Gives everything in an element an id of its own, and forgets what belongs to the original. `now` is an ISO time. */
export function renewIds(element: Element, now: string): Element {
  const open: Element[] = [element];
  for (let one = open.pop(); one; one = open.pop()) {
    one["id"] = newId();
    delete one["uid"];
    Object.assign(one, { createdAt: now, updatedAt: now });
    for (const key of ["item", "response"]) {
      const below = one[key];
      if (Array.isArray(below))
        open.push(...below.filter((item) => typeof item === "object" && item !== null));
    }
  }
  return element;
}

/** A document as a new collection: all ids are new, and who made the original when is forgotten. */
export function copyDocument(
  document: CollectionDocument,
  { name, now }: { name: string; now: string },
): CollectionDocument {
  const copy = structuredClone(document);
  // Judged by parseCollection when it came.
  const info = copy["info"] as Record<string, unknown>;
  for (const key of ["_postman_id", "uid", "createdAt", "updatedAt", "lastUpdatedBy", "fork"])
    delete info[key];
  info["name"] = name;
  for (const item of listOf(copy, "item")) {
    // Judged by parseCollection when it came: every item is an object.
    renewIds(item as Element, now);
  }
  return copy;
}

export const nameOf = (element: Element): string =>
  typeof element["name"] === "string" ? element["name"] : idOf(element);
