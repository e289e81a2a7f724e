import { type Context, Hono } from "hono";

import { withQuery } from "../../../web/format.ts";
import { arrangeFormPage, arrangePreviewPage } from "../../../web/pages/collection-arrange.tsx";
import type { EditSubject } from "../../../web/pages/collection-edit.tsx";
import { itemHref } from "../../../web/parts/collection-tree.tsx";
import type { FormErrors } from "../../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { formErrorsOf, readForm, type SentForm } from "../../access/pages-form.ts";
import { AppError } from "../../lib/errors.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import { MAX_MESSAGE_CHARS } from "../../workspaces/revision.ts";
import { revisionNumber } from "../../workspaces/revisions-query.ts";
import { countItems, getItem } from "../browse/tree.ts";
import { listMonitorUses } from "../browse/uses-store.ts";
import type { CollectionDocument } from "../collection.ts";
import { type Element, idOf } from "../elements.ts";
import { nameOf } from "../items.ts";
import { openWholeCollection } from "../open-page.ts";
import type { ElementChange } from "../revisions/diff.ts";
import { findRevision } from "../revisions/store.ts";
import { viewChanges } from "../revisions/view.ts";
import type { Collection } from "../store.ts";
import { type Deed, firstOrder, orderFields, readOrder } from "./arrange-form.ts";
import { arrange, type Arranged, type Arrangement, listFolders } from "./arrange.ts";
import { editCollection } from "./store.ts";

/** Adds, duplicates, moves and deletes folders and requests: a form, what it would change, and a revision that says so. */
export function arrangePages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const mount = (path: string, deed: Deed) => {
    routes.get(path, (c) => show(c, deps, deed));
    routes.post(path, (c) => take(c, deps, deed));
  };
  mount("/collections/:id/add", "add");
  mount("/collections/:id/items/:itemId/duplicate", "duplicate");
  mount("/collections/:id/items/:itemId/move", "move");
  mount("/collections/:id/items/:itemId/delete", "delete");
  return routes;
}

/** What is done, to what, and the page that it is done on. */
interface State {
  collection: Collection;
  order: Arrangement;
  /** Undefined for what is added. */
  item: Element | undefined;
  subject: EditSubject;
  action: string;
  errors?: FormErrors;
}

const itemIdOf = (c: Context<AppEnv>): string => c.req.param("itemId") ?? "";

async function show(c: Context<AppEnv>, deps: Deps, deed: Deed): Promise<Response> {
  const collection = await openWholeCollection(c, deps, "editor");
  const id = itemIdOf(c);
  const found = deed === "add" ? undefined : getItem(collection, id);
  const parentId = found?.ancestors.at(-1)?.id ?? "";
  const order = firstOrder(deed, { id, item: found?.item, parentId }, (name) => c.req.query(name) ?? "");
  const state = stateOf(c, collection, order);
  if (deed !== "delete") return await answerForm(c, deps, state);
  const { changes } = arrangeCopy(collection.document, order, deps);
  return await answerPreview(c, deps, { ...state, changes });
}

/** Throws 404 when the item is not there. */
function stateOf(c: Context<AppEnv>, collection: Collection, order: Arrangement): State {
  const { id, name, document } = collection;
  const head = { collection: { id, name } };
  if (order.deed === "add") {
    const href = `/collections/${id}`;
    const subject: EditSubject = { ...head, kind: "collection", href, name, ancestors: [] };
    return { collection, order, item: undefined, subject, action: `${href}/add` };
  }
  const { item, kind, ancestors } = getItem({ document }, itemIdOf(c));
  const href = itemHref(id, idOf(item));
  const subject: EditSubject = { ...head, kind, href, name: nameOf(item), ancestors };
  return { collection, order, item, subject, action: `${href}/${order.deed}` };
}

async function answerForm(c: Context<AppEnv>, deps: Deps, state: State): Promise<Response> {
  const { collection, order, subject, action, errors } = state;
  const folders = listFolders(collection.document, order.deed === "move" ? order.id : undefined);
  return c.html(
    arrangeFormPage({
      shell: await loadShell(c, deps),
      subject,
      deed: order.deed,
      action,
      fields: orderFields(order),
      folders,
      revision: collection.revision,
      errors,
    }),
    errors ? 400 : 200,
  );
}

async function take(c: Context<AppEnv>, deps: Deps, deed: Deed): Promise<Response> {
  const collection = await openWholeCollection(c, deps, "editor");
  const form = await readForm(c);
  const state = stateOf(c, collection, readOrder(deed, itemIdOf(c), form));
  const action = form.text("action");
  if (action === "edit") return await answerForm(c, deps, state);
  let changes: ElementChange[];
  try {
    ({ changes } = arrangeCopy(collection.document, state.order, deps));
  } catch (error) {
    if (error instanceof AppError && error.code === "not_found") throw error;
    return await answerForm(c, deps, { ...state, errors: formErrorsOf(error) });
  }
  if (changes.length === 0)
    return await answerForm(c, deps, { ...state, errors: { "": "It stands there already." } });
  if (!isSame(await changesAtBase(deps, { state, form, changes }), changes))
    return await answerPreview(c, deps, { ...state, changes, isOvertaken: true });
  if (action !== "save") return await answerPreview(c, deps, { ...state, changes });
  return await save(c, deps, { state, form, changes });
}

/** Without changing the document. */
const arrangeCopy = (
  document: CollectionDocument,
  order: Arrangement,
  { clock }: Pick<Deps, "clock">,
): Arranged =>
  arrange(structuredClone(document), order, { now: clock.now().toISOString(), before: document });

/**
 * What the order would have changed in the revision that the form was made from; undefined when it did not fit there.
 * `changes` is what it changes now; a revision that is not kept any more counts as the newest.
 */
async function changesAtBase(
  deps: Deps,
  { state: { collection, order }, form, changes }: { state: State; form: SentForm; changes: ElementChange[] },
): Promise<ElementChange[] | undefined> {
  const number = revisionNumber(form.text("revision"));
  if (number === undefined || number === collection.revision) return changes;
  const revision = await findRevision(deps.database, collection.id, number);
  if (!revision) return changes;
  try {
    return arrangeCopy(revision.document, order, deps).changes;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

const isSame = (one: ElementChange[] | undefined, other: ElementChange[]): boolean =>
  one !== undefined && comparable(one) === comparable(other);

/** Ids of what is new are new each time. */
const comparable = (changes: ElementChange[]): string =>
  JSON.stringify(changes.map((change) => ({ ...change, id: undefined })));

async function answerPreview(
  c: Context<AppEnv>,
  deps: Deps,
  {
    collection,
    order,
    item,
    subject,
    action,
    changes,
    isOvertaken,
  }: State & {
    changes: ElementChange[];
    /** Somebody saved meanwhile, so that this is not what the person had seen. */
    isOvertaken?: boolean;
  },
): Promise<Response> {
  const { elements, left } = viewChanges(changes, { collectionId: collection.id });
  const newest = isOvertaken
    ? await findRevision(deps.database, collection.id, collection.revision)
    : undefined;
  const isDeleted = order.deed === "delete";
  return c.html(
    arrangePreviewPage({
      shell: await loadShell(c, deps),
      subject,
      deed: order.deed,
      action,
      fields: orderFields(order),
      revision: collection.revision,
      // What is added has no page yet.
      elements: elements.map((one) => (one.status === "added" ? { ...one, href: undefined } : one)),
      left,
      counts: isDeleted && item ? countItems(item) : undefined,
      uses: isDeleted ? await listMonitorUses(deps.database, collection.id) : undefined,
      overtakenBy: isOvertaken
        ? { name: newest?.changedBy?.name ?? "Somebody", at: collection.updatedAt }
        : undefined,
    }),
    isOvertaken ? 409 : 200,
  );
}

const verbs = { add: "created", duplicate: "copied", move: "moved", delete: "deleted" } as const;

async function save(
  c: Context<AppEnv>,
  deps: Deps,
  { state, form, changes }: { state: State; form: SentForm; changes: ElementChange[] },
): Promise<Response> {
  const { collection, order } = state;
  const message = form.text("message").slice(0, MAX_MESSAGE_CHARS);
  let done: Arranged | undefined;
  const result = await editCollection(deps.database, c.get("actor"), collection.id, (locked) => {
    done = arrange(locked.document, order, { now: deps.clock.now().toISOString() });
    // Somebody saved between our look and our lock.
    if (!isSame(done.changes, changes)) return undefined;
    const { kind, element } = done;
    return {
      action: `${kind}.${verbs[order.deed]}`,
      subjectType: kind,
      subjectId: idOf(element),
      workspaceId: collection.workspaceId,
      change: { collectionId: collection.id, name: nameOf(element), before: { revision: locked.revision } },
      note: { message },
    };
  });
  if (!result || !done)
    throw new AppError("not_found", "There is no such collection; it may have been deleted.");
  if ("conflict" in result) {
    const newest = stateOf(c, await openWholeCollection(c, deps, "editor"), order);
    const now = arrangeCopy(newest.collection.document, order, deps).changes;
    return await answerPreview(c, deps, { ...newest, changes: now, isOvertaken: true });
  }
  const shown = order.deed === "delete" ? done.parent : done.element;
  const href = shown ? itemHref(collection.id, idOf(shown)) : `/collections/${collection.id}`;
  return c.redirect(withQuery(href, { saved: String(result.head.revision) }), 303);
}
