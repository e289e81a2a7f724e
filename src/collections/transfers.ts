import { problem } from "../lib/errors.ts";
import { type Element, type ElementKind, findPlace, listOf, type Place, placesOf } from "./elements.ts";
import { removeElement, renewIds } from "./items.ts";
import type { Collection } from "./store.ts";

/** What goes where. Ids are ids or uids. */
export interface Transfer {
  kind: ElementKind;
  ids: string[];
  mode: "copy" | "move";
  target: { id: string; model: "collection" | "folder" | "request" };
  location: { id?: string | null | undefined; position: "start" | "end" | "before" | "after" };
}

type Owned = Pick<Collection, "id" | "document">;

/**
 * Moves or copies elements within the documents of the given collections, all or nothing. Returns the elements as they
 * stand now and the collections that have changed. `now` is an ISO time. Throws 400 for a place that an element cannot
 * go to and 404 for what is not in the collections.
 */
export function transfer<C extends Owned>(
  collections: readonly C[],
  order: Transfer,
  now: string,
): { moved: Element[]; target: C; changed: C[] } {
  const target = findTarget(collections, order);
  const sources = order.ids.map((id) => findSource(collections, order.kind, id));
  for (const { place } of sources) refuseLoop(place, target.container);
  // Found before anything moves, and looked up again by identity after: a neighbour may be moved itself.
  const neighbour = findNeighbour(target.siblings, order);
  const moved = sources.map(({ place }) => {
    if (order.mode === "copy") return renewIds(structuredClone(place.element), now);
    removeElement(place);
    return place.element;
  });
  target.siblings.splice(placeAt(target.siblings, neighbour, order.location.position), 0, ...moved);
  const touched = order.mode === "move" ? sources.map((source) => source.collection) : [];
  return { moved, target: target.collection, changed: [...new Set([target.collection, ...touched])] };
}

interface Target<C> {
  collection: C;
  /** The folder or request that takes the elements; undefined for the root. */
  container: Element | undefined;
  siblings: unknown[];
}

function findTarget<C extends Owned>(collections: readonly C[], { kind, target }: Transfer): Target<C> {
  const isFit = kind === "response" ? target.model === "request" : target.model !== "request";
  if (!isFit) {
    throw problem(
      "bad_request",
      `A ${kind} cannot be put into a ${target.model}; name another target.model.`,
    );
  }
  for (const collection of collections) {
    const { document } = collection;
    if (target.model === "collection") {
      if (target.id.endsWith(collection.id)) {
        return { collection, container: undefined, siblings: listOf(document, "item") };
      }
      continue;
    }
    const container = findPlace(document, target.model, target.id)?.element;
    if (container) {
      const siblings = listOf(container, target.model === "request" ? "response" : "item");
      return { collection, container, siblings };
    }
  }
  throw problem("not_found", `The ${target.model} ${target.id} does not exist.`);
}

function findSource<C extends Owned>(
  collections: readonly C[],
  kind: ElementKind,
  id: string,
): { collection: C; place: Place } {
  for (const collection of collections) {
    const place = findPlace(collection.document, kind, id);
    if (place) return { collection, place };
  }
  throw problem("not_found", `The ${kind} ${id} does not exist.`);
}

/** A folder inside of itself would be in no list any more. */
function refuseLoop({ element }: Place, container: Element | undefined): void {
  if (container === undefined) return;
  const isInside =
    element === container ||
    [...placesOf({ item: [element] }, "folder")].some((place) => place.element === container);
  if (isInside) throw problem("bad_request", "A folder cannot be put into itself or into a folder in it.");
}

function findNeighbour(siblings: readonly unknown[], { kind, location, ids }: Transfer): unknown {
  if (location.position === "start" || location.position === "end") return undefined;
  if (!location.id) {
    throw problem("bad_request", `location.id is needed for the position "${location.position}".`);
  }
  const list = { item: [...siblings] };
  const wanted: ElementKind[] = kind === "response" ? ["response"] : ["folder", "request"];
  const [found] = wanted.flatMap((one) => {
    const place =
      one === "response"
        ? findPlace({ item: [{ response: list.item }] }, one, location.id ?? "")
        : findPlace(list, one, location.id ?? "");
    return place && siblings.includes(place.element) ? [place.element] : [];
  });
  if (!found) throw problem("bad_request", `location.id ${location.id} is not in the target.`);
  if (ids.includes(location.id))
    throw problem("bad_request", "location.id is one of the elements that move.");
  return found;
}

function placeAt(
  siblings: readonly unknown[],
  neighbour: unknown,
  position: Transfer["location"]["position"],
): number {
  if (position === "start") return 0;
  if (position === "end") return siblings.length;
  return siblings.indexOf(neighbour) + (position === "after" ? 1 : 0);
}
