import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { paramMissing } from "../access/request.ts";
import { parseJson, parseOrThrow } from "../lib/parse.ts";
import { changeCollection } from "./change-store.ts";
import { type Element, type ElementKind, idOf, type Place } from "./elements.ts";
import {
  addElement,
  changeElement,
  fieldNames,
  getPlace,
  nameOf,
  removeElement,
  type SentElement,
} from "./items.ts";
import { collectionNotFound, reachCollection } from "./reach.ts";
import { type Collection, type CollectionHead, findCollection } from "./store.ts";
import { type AnswerOptions, toV1 } from "./v1/answer.ts";
import { folderSchema } from "./v1/folder.ts";
import { requestSchema } from "./v1/request.ts";
import { responseSchema } from "./v1/response.ts";

const flag = z.enum(["true", "false"]).optional();
const shape = z.object({ ids: flag, uid: flag, populate: flag });
const answer = z.object({
  data: z.looseObject({ id: z.string() }),
  meta: z.looseObject({ model: z.string(), action: z.string() }),
  model_id: z.string(),
  revision: z.number().optional(),
});

/** Absent = at the root. The published document says `folderId`, Postman's own client sends `folder`. */
const folderParent = z.object({ folder: z.string().optional(), folderId: z.string().optional() });
const requestParent = z.object({ request: z.string().optional() });

/** The three kinds differ in their fields, in where a new one goes and in one word of its answer. */
const kinds = {
  folder: {
    path: "folders",
    query: folderParent,
    body: folderSchema,
    added: "import",
    read: (body: unknown): SentElement => ({ kind: "folder", fields: parseOrThrow(folderSchema, body) }),
  },
  request: {
    path: "requests",
    query: folderParent,
    body: requestSchema,
    added: "import",
    read: (body: unknown): SentElement => ({ kind: "request", fields: parseOrThrow(requestSchema, body) }),
  },
  response: {
    path: "responses",
    query: requestParent,
    body: responseSchema,
    added: "create",
    read: (body: unknown): SentElement => ({ kind: "response", fields: parseOrThrow(responseSchema, body) }),
  },
} as const;

type ItemContext = Context<AppEnv, "/collections/:id">;

/** Folders, requests and saved responses of a collection, in the v1 object model of the Postman API. */
export function itemsApi(deps: Pick<Deps, "database" | "clock">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  for (const kind of ["folder", "request", "response"] as const) mountKind(routes, deps, kind);
  return routes;
}

function mountKind(
  routes: Hono<AppEnv>,
  { database, clock }: Pick<Deps, "database" | "clock">,
  kind: ElementKind,
): void {
  const { path, body, query, added, read } = kinds[kind];
  const list = `/collections/:id/${path}` as const;
  const single = `${list}/:elementId` as const;
  const doc = { tag: "Collection items", answer };
  const asked = (c: Context<AppEnv, typeof single>) => c.req.param("elementId");
  const now = () => clock.now().toISOString();

  /** Checks the right, changes the document under its lock, and answers the element. */
  const change = async (
    c: ItemContext,
    action: "created" | "updated" | "deleted",
    edit: (collection: Collection) => Place,
    facts: Record<string, unknown> = {},
  ): Promise<{ place: Place; head: CollectionHead }> => {
    const actor = c.get("actor");
    const { id } = await reachCollection(database, actor, { asked: c.req.param("id"), role: "editor" });
    const changed = await changeCollection(database, actor, id, (collection) => {
      const place = edit(collection);
      const { element } = place;
      const named = { collectionId: id, name: nameOf(element), ...facts };
      const audit = {
        action: `${kind}.${action}`,
        subjectType: kind,
        subjectId: idOf(element),
        change: named,
      };
      return { result: place, audit };
    });
    if (!changed) throw collectionNotFound(id, "not_found");
    return { place: changed.result, head: changed.head };
  };

  routes.post(list, documented({ ...doc, summary: `Create a ${kind}`, query, body }), async (c) => {
    const sent = read(await readBody(c));
    const parentId = parentIdOf(sent, c.req.query());
    const { place, head } = await change(c, "created", (collection) =>
      addElement(collection, sent, { parentId, now: now() }),
    );
    return c.json({ ...wrap(kind, place, head, added), revision: head.revision });
  });

  routes.get(single, documented({ ...doc, summary: `Get a ${kind}`, query: shape }), async (c) => {
    const head = await reachCollection(database, c.get("actor"), {
      asked: c.req.param("id"),
      role: "viewer",
    });
    const options = optionsOf(parseOrThrow(shape, c.req.query()));
    const collection = await findCollection(database, head.id);
    if (!collection) throw collectionNotFound(head.id, "not_found");
    const place = getPlace(collection, kind, asked(c));
    return c.json(wrap(kind, place, collection, "find", options));
  });

  routes.put(single, documented({ ...doc, summary: `Change a ${kind}`, body }), async (c) => {
    const sent = read(await readBody(c));
    const edit = (collection: Collection) => {
      const place = getPlace(collection, kind, asked(c));
      changeElement(place.element, sent, now());
      return place;
    };
    const { place, head } = await change(c, "updated", edit, { fields: fieldNames(sent) });
    return c.json({ ...wrap(kind, place, head, "update"), revision: head.revision });
  });

  routes.delete(single, documented({ ...doc, summary: `Delete a ${kind}` }), async (c) => {
    const { place, head } = await change(c, "deleted", (collection) => {
      const found = getPlace(collection, kind, asked(c));
      removeElement(found);
      return found;
    });
    const id = idOf(place.element);
    return c.json({
      data: { id, owner: String(head.ownerId) },
      meta: { model: kind, action: "destroy" },
      model_id: id,
      revision: head.revision,
    });
  });
}

/** An empty body is an element of which nothing is said. */
async function readBody(c: Context<AppEnv>): Promise<unknown> {
  const text = await c.req.text();
  return text.trim() === "" ? {} : parseJson(text);
}

function parentIdOf(sent: SentElement, query: Record<string, string>): string | undefined {
  if (sent.kind === "response") {
    const { request } = parseOrThrow(requestParent, query);
    if (!request) throw paramMissing("request");
    return request;
  }
  const { folder, folderId } = parseOrThrow(folderParent, query);
  const ofBody = sent.kind === "folder" ? sent.fields.folder : undefined;
  return ofBody ?? folder ?? folderId;
}

const optionsOf = ({ ids, uid, populate }: z.infer<typeof shape>): AnswerOptions => ({
  ids: ids === "true",
  uid: uid === "true",
  populate: populate === "true",
});

function wrap(
  kind: ElementKind,
  place: Place,
  head: CollectionHead,
  action: string,
  options: AnswerOptions = {},
) {
  const data = toV1(kind, place, head, options);
  const found = action === "find" ? { populate: options.populate === true, changeset: false } : {};
  return { data, meta: { model: kind, ...found, action }, model_id: idOfAnswer(data, place.element) };
}

const idOfAnswer = (data: Record<string, unknown>, element: Element): string =>
  typeof data["id"] === "string" ? data["id"] : idOf(element);
