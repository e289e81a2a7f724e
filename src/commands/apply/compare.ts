import { writeV3 } from "../../engine/formats/v3-write.ts";
import { convertV20, isV20 } from "../../engine/formats/v20.ts";
import { asArray, asObject, asObjects, isObject, toText, type JsonObject } from "../../engine/json.ts";

/** What the control plane puts on top of a document, or a program leaves in it: none of it says what the collection is. */
const marks = new Set([
  "id",
  "uid",
  "_postman_id",
  "_exporter_id",
  "_collection_link",
  "_postman_isSubFolder",
]);
const stamps = new Set(["uid", "createdAt", "updatedAt", "lastUpdatedBy", "owner", "fork"]);

/** A collection as it was stored, without what the API adds to its answer. */
export function withoutStamps(document: JsonObject): JsonObject {
  const strip = (element: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(element)
        .filter(([key]) => !stamps.has(key))
        .map(([key, value]) => [
          key,
          key === "item" || key === "response"
            ? asArray(value).map((one) => (isObject(one) ? strip(one) : one))
            : value,
        ]),
    );
  return { ...strip(document), ...(isObject(document["info"]) && { info: strip(document["info"]) }) };
}

/** Whether two collections are the same to a person: ids and empty lists do not count. */
export const isSameCollection = (one: JsonObject, other: JsonObject): boolean =>
  canonical(essence(one)) === canonical(essence(other));

/** The same for what was read from files of v3: what those cannot say is no difference. */
export function isSameInV3(one: JsonObject, other: JsonObject): boolean {
  const [left, right] = [one, other].map(
    (document) => writeV3(isV20(document) ? convertV20(document) : document).files,
  );
  return canonical([...(left ?? [])]) === canonical([...(right ?? [])]);
}

const emptyLists = new Set(["response", "event", "header", "variable", "query", "cookie", "tags"]);

function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(essence);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(withoutStamps(value))
      .filter(
        ([key, inner]) =>
          !marks.has(key) &&
          inner !== undefined &&
          !(emptyLists.has(key) && Array.isArray(inner) && inner.length === 0),
      )
      .map(([key, inner]) => [key, essence(inner)]),
  );
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}

/**
 * The wanted document with the ids of what is there, by name and place: folders and requests keep their history and their
 * links when a file says something else of them.
 */
export function withKnownIds(wanted: JsonObject, known: JsonObject, id: string): JsonObject {
  return {
    ...wanted,
    info: { ...asObject(wanted["info"]), _postman_id: id },
    item: itemsWithIds(wanted["item"], known["item"]),
  };
}

function itemsWithIds(wanted: unknown, known: unknown): unknown[] {
  const free = asObjects(known);
  return asArray(wanted).map((item) => {
    if (!isObject(item)) return item;
    const isFolder = Array.isArray(item["item"]);
    const at = free.findIndex(
      (one) => toText(one["name"]) === toText(item["name"]) && Array.isArray(one["item"]) === isFolder,
    );
    const [match] = at === -1 ? [] : free.splice(at, 1);
    return {
      ...(match?.["id"] !== undefined && { id: match["id"] }),
      ...item,
      ...(isFolder && { item: itemsWithIds(item["item"], match?.["item"]) }),
      ...(Array.isArray(item["response"]) && {
        response: itemsWithIds(item["response"], match?.["response"]),
      }),
    };
  });
}

/** `+2 ~1 -1 requests`: what a change of a collection amounts to. */
export function describeRequests(known: JsonObject, wanted: JsonObject): string {
  const [before, after] = [requestsByPath(known), requestsByPath(wanted)];
  const added = [...after.keys()].filter((path) => !before.has(path)).length;
  const gone = [...before.keys()].filter((path) => !after.has(path)).length;
  const changed = [...after].filter(([path, text]) => before.has(path) && before.get(path) !== text).length;
  const parts = [added && `+${added}`, changed && `~${changed}`, gone && `-${gone}`].filter(Boolean);
  return parts.length === 0 ? "settings or order" : `${parts.join(" ")} requests`;
}

function requestsByPath(group: JsonObject, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [index, item] of asObjects(group["item"]).entries()) {
    const name = `${path}/${toText(item["name"] ?? "")}`;
    if (Array.isArray(item["item"]))
      for (const [key, text] of requestsByPath(item, name)) found.set(key, text);
    else found.set(found.has(name) ? `${name} ${index}` : name, canonical(essence(item)));
  }
  return found;
}

/** Whether all that a file says of an object is so; what the object has more does not count. */
export function isWithin(wanted: unknown, known: unknown): boolean {
  if (!isObject(wanted) || !isObject(known)) return canonical(wanted) === canonical(known);
  return Object.entries(wanted).every(([key, value]) => isWithin(value, known[key]));
}
