import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import { environmentPage } from "../../web/pages/environment.tsx";
import { environmentsPage } from "../../web/pages/environments.tsx";
import { uploadedPage } from "../../web/pages/uploaded.tsx";
import type { DocumentListProps } from "../../web/parts/document-list.tsx";
import type { Actor, AppEnv, ConvertedFile, ConvertFile, Deps, FetchDocument } from "../access/context.ts";
import { formErrorsOf, passOnForbidden, readForm, searchText } from "../access/pages-form.ts";
import { readUpload } from "../access/pages-upload.ts";
import { isReadOnly, loadShell, workspaceForUpload, workspaceName } from "../workspaces/pages-shell.ts";
import { variableCopies } from "./edit/copies.ts";
import { variableEditPages } from "./edit/pages.tsx";
import { variableRevisionPages } from "./edit/revision-pages.tsx";
import { openEnvironment } from "./edit/set.ts";
import { parseGlobals, parseNewEnvironment } from "./environment.ts";
import { addValues, changeGlobals } from "./globals-store.ts";
import { findVariables } from "./pages-values.ts";
import { createEnvironment, deleteEnvironment, listEnvironments } from "./store.ts";
import { listEnvironmentUses } from "./uses-store.ts";

/** The list and the form above it, with what was wrong with an upload. */
export async function showEnvironments(
  c: Context<AppEnv>,
  deps: Deps,
  upload: DocumentListProps["upload"],
  status: 200 | 400 | 413,
): Promise<Response> {
  const shell = await loadShell(c, deps);
  const filter = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
  const found = await listEnvironments(deps.database, filter);
  const seen = found.filter((head) => shell.workspaces.some(({ id }) => id === head.workspaceId));
  const rows = seen.map((head) => ({ ...head, workspaceName: workspaceName(shell, head.workspaceId) }));
  return c.html(environmentsPage({ shell, rows, upload }), status);
}

interface PagesOptions {
  convert?: ConvertFile;
  fetchDocument?: FetchDocument;
}

/** `/environments`: list, upload, look inside without secrets, delete. */
export function environmentsPages(deps: Deps, { convert, fetchDocument }: PagesOptions = {}): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const showList = (c: Context<AppEnv>, upload: DocumentListProps["upload"], status: 200 | 400) =>
    showEnvironments(c, deps, upload, status);

  routes.get("/environments", (c) => showList(c, { text: "" }, 200));

  routes.post("/environments", async (c) => {
    const form = await readForm(c);
    const pasted = form.raw("text");
    const workspaceId = form.text("workspace");
    try {
      const { documents, warnings } = await readUpload(form, { ...wanted, convert, fetchDocument });
      const stores = documents.map((document) => toStore(deps, document));
      const target = await workspaceForUpload(deps, c.get("actor"), workspaceId);
      const stored: Stored[] = [];
      for (const store of stores) stored.push(await store(c.get("actor"), target));
      const [first, another] = stored;
      if (first && !another && warnings.length === 0) return c.redirect(first.href, 303);
      const shell = await loadShell(c, deps);
      return c.html(uploadedPage({ shell, section: "environments", documents: stored, warnings }));
    } catch (error) {
      passOnForbidden(error);
      return showList(c, { text: pasted, workspaceId, errors: formErrorsOf(error, { workspace: "" }) }, 400);
    }
  });

  routes.get("/environments/:id", async (c) => {
    const environment = await openEnvironment(c, deps, "viewer");
    const [shell, uses] = await Promise.all([
      loadShell(c, deps),
      listEnvironmentUses(deps.database, environment.id),
    ]);
    const { values, ...head } = environment;
    const text = searchText(c.req.query("q"));
    return c.html(
      environmentPage({
        shell,
        isReadOnly: isReadOnly(shell, environment.workspaceId),
        environment: { ...head, workspaceName: workspaceName(shell, head.workspaceId) },
        ...findVariables(values, text),
        text,
        uses,
        saved: c.req.query("saved") === String(head.revision) ? head.revision : undefined,
      }),
    );
  });

  routes.get("/environments/:id/delete", async (c) => {
    const { id, name } = await openEnvironment(c, deps, "editor");
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "environments",
        title: `Delete ${name}?`,
        consequence: "Monitors that use it go on without an environment. This cannot be undone.",
        action: `/environments/${id}/delete`,
        label: `Delete ${name}`,
        back: `/environments/${id}`,
      }),
    );
  });

  routes.post("/environments/:id/delete", async (c) => {
    const { id } = await openEnvironment(c, deps, "editor");
    await deleteEnvironment(deps.database, c.get("actor"), id);
    return c.redirect("/environments", 303);
  });

  for (const pages of [variableEditPages, variableRevisionPages, variableCopies])
    routes.route("/", pages(deps));
  return routes;
}

const isGlobals = (document: Record<string, unknown>): boolean =>
  document["_postman_variable_scope"] === "globals";

const wanted = {
  kinds: ["environment", "globals"] as ["environment", "globals"],
  shape: "it is an object with name and values",
  isOwn: (document: Record<string, unknown>) => Array.isArray(document["values"]) && !isGlobals(document),
};

interface Stored {
  name: string;
  href: string;
}

/** Judges a document before anything of the file is stored. Throws 400. */
function toStore(
  deps: Deps,
  { content }: ConvertedFile["documents"][number],
): (actor: Actor, workspaceId: string) => Promise<Stored> {
  if (isGlobals(content)) {
    const values = parseGlobals(content);
    return async (actor, workspaceId) => {
      await changeGlobals(deps, actor, workspaceId, addValues(values), { through: "import" });
      return { name: "Globals", href: `/globals/${workspaceId}` };
    };
  }
  const input = parseNewEnvironment(content);
  return async (actor, workspaceId) => {
    const { id, name } = await createEnvironment(deps, actor, {
      ...input,
      workspaceId,
      note: { through: "import" },
    });
    return { name, href: `/environments/${id}` };
  };
}
