import type { SentForm } from "../../access/pages-form.ts";
import type { Element } from "../elements.ts";
import { nameOf } from "../items.ts";
import { type Arrangement, type MovePlace, movePlaces } from "./arrange.ts";

export type Deed = Arrangement["deed"];

/** What a form of a deed begins with. `asked` reads the query string. */
export function firstOrder(
  deed: Deed,
  { id, item, parentId }: { id: string; item: Element | undefined; parentId: string },
  asked: (name: string) => string,
): Arrangement {
  if (deed === "add") {
    const kind = asked("kind") === "folder" ? "folder" : "request";
    return { deed, kind, into: asked("in"), name: "", method: "GET", url: "" };
  }
  if (deed === "duplicate") return { deed, id, name: `${item ? nameOf(item) : ""} copy` };
  return deed === "move" ? { deed, id, into: parentId, place: "last" } : { deed, id };
}

/** What a form sent. */
export function readOrder(deed: Deed, id: string, form: SentForm): Arrangement {
  const name = form.text("name");
  if (deed === "add") {
    const kind = form.text("kind") === "folder" ? "folder" : "request";
    const method = form.text("method") || "GET";
    return { deed, kind, into: form.raw("into"), name, method, url: form.text("url") };
  }
  if (deed === "duplicate") return { deed, id, name };
  if (deed === "delete") return { deed, id };
  return { deed, id, into: form.raw("into"), place: placeOf(form.text("place")) };
}

const placeOf = (sent: string): MovePlace => movePlaces.find((place) => place === sent) ?? "last";

/** The fields of an order as its form sends them. */
export function orderFields(order: Arrangement): Record<string, string> {
  const { deed: _, ...fields } = order;
  if ("id" in fields) {
    const { id: _id, ...rest } = fields;
    return rest;
  }
  return fields;
}
