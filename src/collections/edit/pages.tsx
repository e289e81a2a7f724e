import { type Context, Hono } from "hono";

import { withQuery } from "../../../web/format.ts";
import {
  editConflictPage,
  editFormPage,
  editPreviewPage,
  type EditSubject,
} from "../../../web/pages/collection-edit.tsx";
import { itemHref } from "../../../web/parts/collection-tree.tsx";
import type { FormErrors } from "../../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { formErrorsOf, noStore, passOnForbidden, readForm, type SentForm } from "../../access/pages-form.ts";
import { AppError } from "../../lib/errors.ts";
import type { SecretBox } from "../../lib/seal.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import { MAX_MESSAGE_CHARS } from "../../workspaces/revision.ts";
import { revisionNumber } from "../../workspaces/revisions-query.ts";
import { inheritedAuth } from "../browse/inherited.ts";
import { getItem } from "../browse/tree.ts";
import type { CollectionDocument } from "../collection.ts";
import type { Element } from "../elements.ts";
import { openWholeCollection } from "../open-page.ts";
import { describe } from "../revisions/describe.ts";
import { diffFields, type FieldChange } from "../revisions/diff.ts";
import { findRevision } from "../revisions/store.ts";
import { viewField } from "../revisions/view.ts";
import type { Collection } from "../store.ts";
import { arrangePages } from "./arrange-pages.tsx";
import { applyTexts, chosenTexts, type EditKind, readTexts, rebase, textsOf } from "./form.ts";
import { editCollection } from "./store.ts";
import { changedNames, type Texts } from "./texts.ts";
import { syncUrl } from "./url-sync.ts";
import { bodyLanguageOf, viewAuth, viewRows } from "./view.ts";

type EditContext = Context<AppEnv, "/collections/:id/:itemId?/edit">;

/** Quick fixes: a form, what it would change, and a revision that says so. */
export function editPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.get("/collections/:id/edit", (c) => showForm(c, deps));
  routes.get("/collections/:id/items/:itemId/edit", (c) => showForm(c, deps));
  routes.post("/collections/:id/edit", (c) => takeForm(c, deps));
  routes.post("/collections/:id/items/:itemId/edit", (c) => takeForm(c, deps));
  return routes.route("/", arrangePages(deps));
}

/** What is edited, in a document that is the newest or an older one. */
interface Target {
  kind: EditKind;
  element: Element;
  ancestors: { id: string; name: string }[];
}

/** Undefined on the page of the collection itself. */
const itemIdOf = (c: EditContext): string | undefined => c.req.param("itemId");

function targetIn(document: CollectionDocument, itemId: string | undefined): Target {
  if (itemId === undefined) return { kind: "collection", element: document, ancestors: [] };
  const { item, kind, ancestors } = getItem({ document }, itemId);
  return { kind, element: item, ancestors };
}

const subjectOf = (c: EditContext, collection: Collection, target: Target): EditSubject => {
  const itemId = itemIdOf(c);
  const href = itemId === undefined ? `/collections/${collection.id}` : itemHref(collection.id, itemId);
  const { kind, ancestors } = target;
  const { name = "" } = textsOf(kind, target.element);
  return { kind, href, name, collection: { id: collection.id, name: collection.name }, ancestors };
};

async function showForm(c: EditContext, deps: Deps): Promise<Response> {
  const collection = await openWholeCollection(c, deps, "editor");
  const target = targetIn(collection.document, itemIdOf(c));
  const texts = textsOf(target.kind, target.element);
  return await answerForm(c, deps, { collection, target, texts, revision: collection.revision });
}

interface FormState {
  collection: Collection;
  target: Target;
  texts: Texts;
  /** The revision that the texts were made from. */
  revision: number;
  /** The table that was asked for more rows. */
  more?: string | undefined;
  errors?: FormErrors;
}

async function answerForm(
  c: EditContext,
  deps: Deps,
  { collection, target, texts, revision, more, errors }: FormState,
): Promise<Response> {
  const inherited = target.kind === "collection" ? undefined : inheritedAuth(collection, target.ancestors);
  const isChanged = changedNames(textsOf(target.kind, target.element), texts).length > 0;
  return c.html(
    editFormPage({
      shell: await loadShell(c, deps),
      subject: subjectOf(c, collection, target),
      texts,
      revision,
      isChanged,
      bodyLanguage: bodyLanguageOf(texts),
      auth: viewAuth(texts, { ...target, inherited }),
      rows: viewRows(texts),
      more,
      errors,
    }),
    errors ? 400 : 200,
    noStore,
  );
}

async function takeForm(c: EditContext, deps: Deps): Promise<Response> {
  const collection = await openWholeCollection(c, deps, "editor");
  const form = await readForm(c);
  const target = targetIn(collection.document, itemIdOf(c));
  const base = await findBase(c, deps, { collection, form });
  const baseTexts = textsOf(base.target.kind, base.target.element);
  const sent = readTexts(baseTexts, (name) => form.list(name), deps.secretBox);
  const now = textsOf(target.kind, target.element);
  const stateOf = (mine: Texts): FormState => {
    const texts = rebase(baseTexts, mine, now);
    return { collection, target, texts, revision: collection.revision };
  };
  const action = form.text("action");
  const [isAgain, more] = [action === "edit" || action.startsWith("more:"), /^more:(.*)$/.exec(action)?.[1]];
  try {
    const state = stateOf(syncUrl(baseTexts, sent));
    if (isAgain) return await answerForm(c, deps, { ...state, more });
    const theirs = changesOf(base.target, target.element);
    const changes = changesBy(target, state.texts, deps.secretBox);
    if (theirs.length > 0) return await answerConflict(c, deps, { ...state, theirs, mine: changes });
    if (changes.length === 0)
      return await answerForm(c, deps, { ...state, errors: { "": "Nothing in it has changed." } });
    if (action !== "save") return await answerPreview(c, deps, { ...state, changes });
    return await save(c, deps, { state, form });
  } catch (error) {
    passOnForbidden(error);
    return await answerForm(c, deps, { ...stateOf(sent), more, errors: formErrorsOf(error) });
  }
}

/** The document that the form was made from. One that is not kept any more counts as the newest. */
async function findBase(
  c: EditContext,
  { database }: Deps,
  { collection, form }: { collection: Collection; form: SentForm },
): Promise<{ target: Target }> {
  const number = revisionNumber(form.text("revision"));
  const isCurrent = number === undefined || number === collection.revision;
  const revision = isCurrent ? undefined : await findRevision(database, collection.id, number);
  return { target: targetIn(revision?.document ?? collection.document, itemIdOf(c)) };
}

/** What has become of the element since. */
const changesOf = ({ kind, element }: Target, now: Element): FieldChange[] =>
  diffFields(describe(kind, element), describe(kind, now));

/** What the texts would change. */
function changesBy({ kind, element }: Target, texts: Texts, box: SecretBox): FieldChange[] {
  const edited = structuredClone(element);
  applyTexts(kind, edited, texts, box);
  return changesOf({ kind, element, ancestors: [] }, edited);
}

async function answerPreview(c: EditContext, deps: Deps, state: FormState & { changes: FieldChange[] }) {
  return c.html(
    editPreviewPage({
      shell: await loadShell(c, deps),
      subject: subjectOf(c, state.collection, state.target),
      texts: chosenTexts(state.texts),
      revision: state.revision,
      changes: state.changes.map(viewField),
    }),
    200,
    noStore,
  );
}

/** 409: both changes, and the way on: the form with both of them, or without mine. */
async function answerConflict(
  c: EditContext,
  deps: Deps,
  { collection, target, texts, theirs, mine }: FormState & { theirs: FieldChange[]; mine: FieldChange[] },
): Promise<Response> {
  const newest = await findRevision(deps.database, collection.id, collection.revision);
  return c.html(
    editConflictPage({
      shell: await loadShell(c, deps),
      subject: subjectOf(c, collection, target),
      texts: chosenTexts(texts),
      revision: collection.revision,
      theirs: theirs.map(viewField),
      mine: mine.map(viewField),
      changedBy: newest?.changedBy?.name,
      changedAt: collection.updatedAt,
    }),
    409,
    noStore,
  );
}

async function save(
  c: EditContext,
  deps: Deps,
  { state, form }: { state: FormState; form: SentForm },
): Promise<Response> {
  const { collection, target, texts } = state;
  const itemId = itemIdOf(c);
  const message = form.text("message").slice(0, MAX_MESSAGE_CHARS);
  const result = await editCollection(deps.database, c.get("actor"), collection.id, (locked) => {
    const { kind, element } = targetIn(locked.document, itemId);
    // Somebody saved between our look and our lock.
    if (changesOf(target, element).length > 0) return undefined;
    const fields = changedNames(textsOf(kind, element), texts);
    applyTexts(kind, element, texts, deps.secretBox);
    return {
      action: `${kind}.updated`,
      subjectType: kind,
      subjectId: itemId ?? collection.id,
      workspaceId: collection.workspaceId,
      change: { collectionId: collection.id, fields, before: { revision: locked.revision } },
      note: { message },
    };
  });
  if (!result) throw new AppError("not_found", "There is no such collection; it may have been deleted.");
  if ("conflict" in result) {
    const newest = targetIn(result.conflict.document, itemId);
    const both = {
      theirs: changesOf(target, newest.element),
      mine: changesBy(target, texts, deps.secretBox),
    };
    const rebased = rebase(textsOf(target.kind, target.element), texts, textsOf(newest.kind, newest.element));
    return await answerConflict(c, deps, {
      ...both,
      collection: result.conflict,
      target: newest,
      texts: rebased,
      revision: result.conflict.revision,
    });
  }
  const { href } = subjectOf(c, collection, target);
  return c.redirect(withQuery(href, { saved: String(result.head.revision) }), 303);
}
