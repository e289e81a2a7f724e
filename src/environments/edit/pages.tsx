import { type Context, Hono } from "hono";

import { withQuery } from "../../../web/format.ts";
import {
  type VariableRow,
  variablesConflictPage,
  variablesFormPage,
  variablesPreviewPage,
} from "../../../web/pages/variables-edit.tsx";
import type { FormErrors } from "../../../web/parts/form.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { noStore, readForm, type SentForm } from "../../access/pages-form.ts";
import { loadShell } from "../../workspaces/pages-shell.ts";
import { MAX_MESSAGE_CHARS } from "../../workspaces/revision.ts";
import { revisionNumber } from "../../workspaces/revisions-query.ts";
import type { EnvironmentValue } from "../environment.ts";
import { readRows, ROWS, rebaseRows, rowsOf, sealTyped, valuesOf } from "./rows.ts";
import { type OpenSet, openEnvironmentSet, openGlobalsSet, type VariableSet } from "./set.ts";
import { diffVariables } from "./values.ts";

/** Edits of environments and globals: a form, what it would change, and a revision that says so. */
export function variableEditPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  mount(routes, deps, { path: "/environments/:id/edit", open: openEnvironmentSet });
  mount(routes, deps, { path: "/globals/:workspaceId/edit", open: openGlobalsSet });
  return routes;
}

function mount(routes: Hono<AppEnv>, deps: Deps, { path, open }: { path: string; open: OpenSet }): void {
  routes.get(path, async (c) => {
    const set = await open(c, deps, "editor");
    return await answerForm(c, deps, { set, name: set.name, rows: rowsOf(set.values) });
  });
  routes.post(path, async (c) => {
    const set = await open(c, deps, "editor");
    return await takeForm(c, deps, { set, open });
  });
}

/** What the button below the rows sends. */
const MORE = `more:${ROWS}`;

interface FormState {
  set: VariableSet;
  name: string | undefined;
  rows: VariableRow[];
  /** Somebody asked for more empty rows. */
  wantsMore?: boolean;
  errors?: FormErrors;
}

async function answerForm(
  c: Context<AppEnv>,
  deps: Deps,
  { set, name, rows, wantsMore = false, errors }: FormState,
) {
  const isChanged = name !== set.name || JSON.stringify(rows) !== JSON.stringify(rowsOf(set.values));
  return c.html(
    variablesFormPage({
      shell: await loadShell(c, deps),
      subject: set,
      name,
      // A secret that was typed is not sent back to be seen.
      rows: sealTyped(deps.secretBox, rows),
      revision: set.revision,
      isChanged,
      wantsMore,
      errors,
    }),
    errors ? 400 : 200,
    noStore,
  );
}

async function takeForm(
  c: Context<AppEnv>,
  deps: Deps,
  { set, open }: { set: VariableSet; open: OpenSet },
): Promise<Response> {
  const form = await readForm(c);
  const base = await findBase(set, form);
  const sentName = form.text("name");
  const name = set.name === undefined || sentName === base.name ? set.name : sentName;
  const rows = rebaseRows(
    readRows((field) => form.list(field)),
    base.values,
    set.values,
  );
  const action = form.text("action");
  const state: FormState = { set, name, rows, wantsMore: action === MORE };
  if (["edit", MORE].includes(action)) return await answerForm(c, deps, state);
  if (name === "" || name?.includes("\0"))
    return await answerForm(c, deps, { ...state, errors: { name: "Give the environment a name." } });
  const { values, errors } = valuesOf(deps.secretBox, rows, set.values);
  if (Object.keys(errors).length > 0) return await answerForm(c, deps, { ...state, errors });
  const theirs = diffVariables(base, set);
  const mine = diffVariables(set, { ...(name !== undefined && { name }), values });
  if (theirs.length > 0) return await answerConflict(c, deps, { ...state, theirs, mine });
  if (mine.length === 0)
    return await answerForm(c, deps, { ...state, errors: { "": "Nothing in it has changed." } });
  if (action !== "save") return await answerPreview(c, deps, { ...state, elements: mine });
  const message = form.text("message").slice(0, MAX_MESSAGE_CHARS);
  const saved = await set.save({ name: name ?? "", values }, { message });
  if (saved !== undefined) return c.redirect(withQuery(set.href, { saved: String(saved) }), 303);
  // Somebody saved between our look and our lock.
  const newest = await open(c, deps, "editor");
  const rebased = rebaseRows(rows, set.values, newest.values);
  const both = { theirs: diffVariables(set, newest), mine };
  return await answerConflict(c, deps, { set: newest, name, rows: rebased, ...both });
}

/** What the form was made from. A revision that is not kept any more counts as the newest. */
async function findBase(
  set: VariableSet,
  form: SentForm,
): Promise<{ name?: string; values: EnvironmentValue[] }> {
  const own = { ...(set.name !== undefined && { name: set.name }), values: set.values };
  const number = revisionNumber(form.text("revision"));
  // Globals that were never set have no revision to come from.
  if (form.text("revision") === "0") return { values: [] };
  if (number === undefined || number === set.revision) return own;
  const found = await set.findRevision(number);
  if (!found) return own;
  return { ...(set.name !== undefined && { name: found.name }), values: found.values };
}

async function answerPreview(
  c: Context<AppEnv>,
  deps: Deps,
  { set, name, rows, elements }: FormState & { elements: ReturnType<typeof diffVariables> },
) {
  return c.html(
    variablesPreviewPage({
      shell: await loadShell(c, deps),
      subject: set,
      name,
      rows: sealTyped(deps.secretBox, rows),
      revision: set.revision,
      elements,
    }),
    200,
    noStore,
  );
}

/** 409: both changes, and the way on: the form with both of them, or without mine. */
async function answerConflict(
  c: Context<AppEnv>,
  deps: Deps,
  {
    set,
    name,
    rows,
    theirs,
    mine,
  }: FormState & { theirs: ReturnType<typeof diffVariables>; mine: ReturnType<typeof diffVariables> },
) {
  return c.html(
    variablesConflictPage({
      shell: await loadShell(c, deps),
      subject: set,
      name,
      rows: sealTyped(deps.secretBox, rows),
      revision: set.revision,
      theirs,
      mine,
      updatedAt: set.updatedAt,
    }),
    409,
    noStore,
  );
}
