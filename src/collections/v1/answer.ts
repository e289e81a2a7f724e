import { toUid } from "../../lib/ids.ts";
import { type Element, type ElementKind, idOf, idsOf, isFolder, listOf, type Place } from "../elements.ts";
import type { CollectionHead } from "../store.ts";
import { folderToV1 } from "./folder.ts";
import { requestToV1 } from "./request.ts";
import { responseToV1 } from "./response.ts";

/** How much of an element is answered, and which form its ids have. */
export interface AnswerOptions {
  /** Only what holds ids. */
  ids?: boolean;
  /** Ids as uids. */
  uid?: boolean;
  /** With everything that is below it. */
  populate?: boolean;
}

/** Fields of the v1 model that hold ids; `owner` is not a part of one. */
const idFields = [
  "id",
  "owner",
  "collection",
  "folder",
  "request",
  "order",
  "folders_order",
  "folders",
  "requests",
  "responses_order",
  "responses",
];

/** An element in the v1 model. */
export function toV1(
  kind: ElementKind,
  place: Place,
  head: CollectionHead,
  options: AnswerOptions = {},
): Record<string, unknown> {
  const { element, parent } = place;
  const named = (id: string) => (options.uid ? toUid(head.ownerId, id) : id);
  const whole = {
    id: named(idOf(element)),
    ...contentOf[kind](element),
    owner: String(head.ownerId),
    collection: named(head.id),
    ...(kind === "response"
      ? { request: parent ? named(idOf(parent)) : null }
      : { folder: parent ? named(idOf(parent)) : null }),
    ...belowOf(kind, element, head, options),
    lastUpdatedBy: String(head.updatedBy),
    lastRevision: head.revision,
    createdAt: element["createdAt"] ?? head.createdAt.toISOString(),
    updatedAt: element["updatedAt"] ?? head.updatedAt.toISOString(),
  };
  if (!options.ids) return whole;
  return Object.fromEntries(Object.entries(whole).filter(([name]) => idFields.includes(name)));
}

const contentOf: Record<ElementKind, (element: Element) => Record<string, unknown>> = {
  folder: folderToV1,
  request: requestToV1,
  response: responseToV1,
};

/** What hangs below: by id, or whole when it is asked for. */
function belowOf(
  kind: ElementKind,
  element: Element,
  head: CollectionHead,
  options: AnswerOptions,
): Record<string, unknown> {
  if (kind === "response") return {};
  const isWhole = options.populate === true && options.ids !== true;
  const list = (of: ElementKind, key: "item" | "response", wanted: (one: Element) => boolean) => {
    const ids = idsOf(element[key], wanted).map((id) => (options.uid ? toUid(head.ownerId, id) : id));
    const siblings = listOf(element, key);
    // idsOf has seen the same list: what is no object is in neither.
    const elements = (siblings as Element[]).filter(
      (one) => typeof one === "object" && one !== null && wanted(one),
    );
    return {
      order: ids,
      all: isWhole
        ? elements.map((one) => toV1(of, { element: one, siblings, parent: element }, head, options))
        : ids,
    };
  };
  if (kind === "request") {
    const responses = list("response", "response", () => true);
    return { responses_order: responses.order, responses: responses.all };
  }
  const folders = list("folder", "item", isFolder);
  const requests = list("request", "item", (item) => !isFolder(item));
  return {
    order: requests.order,
    folders_order: folders.order,
    folders: folders.all,
    requests: requests.all,
  };
}
