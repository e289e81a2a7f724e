import { type Context, Hono } from "hono";

import type { Shell } from "../../web/layout.tsx";
import { collectionsPage } from "../../web/pages/collections.tsx";
import { confirmPage } from "../../web/pages/confirm.tsx";
import { uploadedPage } from "../../web/pages/uploaded.tsx";
import type { DocumentListProps } from "../../web/parts/document-list.tsx";
import type { AppEnv, CheckCollection, ConvertFile, Deps, FetchDocument } from "../access/context.ts";
import { formErrorsOf, passOnForbidden, readForm } from "../access/pages-form.ts";
import { readUpload } from "../access/pages-upload.ts";
import { isRecord } from "../lib/parse.ts";
import { loadShell, workspaceForUpload, workspaceName } from "../workspaces/pages-shell.ts";
import { createCompatibilityCheck } from "./browse/compatibility.ts";
import { browsePages } from "./browse/pages.tsx";
import { parseCollection } from "./collection.ts";
import { editPages } from "./edit/pages.tsx";
import { openCollection } from "./open-page.ts";
import { revisionPages } from "./revisions/pages.tsx";
import { createCollection, deleteCollection, listCollections } from "./store.ts";

/** The list and the form above it, with what was wrong with an upload. */
export async function showCollections(
  c: Context<AppEnv>,
  deps: Deps,
  upload: DocumentListProps["upload"],
  status: 200 | 400 | 413,
): Promise<Response> {
  const shell = await loadShell(c, deps);
  const found = await listCollections(deps.database, inWorkspace(shell));
  const seen = found.filter((head) => shell.workspaces.some(({ id }) => id === head.workspaceId));
  const rows = seen.map((head) => ({ ...head, workspaceName: workspaceName(shell, head.workspaceId) }));
  return c.html(collectionsPage({ shell, rows, upload }), status);
}

interface PagesOptions {
  convert?: ConvertFile;
  fetchDocument?: FetchDocument;
  checkCollection?: CheckCollection;
}

/** `/collections`: list, upload, look inside, edit, compare, delete. */
export function collectionsPages(
  deps: Deps,
  { convert, fetchDocument, checkCollection }: PagesOptions = {},
): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const showList = (c: Context<AppEnv>, upload: DocumentListProps["upload"], status: 200 | 400) =>
    showCollections(c, deps, upload, status);

  routes.get("/collections", (c) => showList(c, { text: "" }, 200));

  routes.post("/collections", async (c) => {
    const form = await readForm(c);
    const pasted = form.raw("text");
    const workspaceId = form.text("workspace");
    try {
      const { documents, warnings } = await readUpload(form, { ...wanted, convert, fetchDocument });
      const parsed = documents.map(({ content }) => parseCollection(content));
      const target = {
        workspaceId: await workspaceForUpload(deps, c.get("actor"), workspaceId),
        onExistingId: "renew" as const,
        note: { through: "import" as const },
      };
      const created: { name: string; href: string }[] = [];
      for (const one of parsed) {
        const { id, name } = await createCollection(deps.database, c.get("actor"), { ...one, ...target });
        created.push({ name, href: `/collections/${id}` });
      }
      const [first, another] = created;
      if (first && !another && warnings.length === 0) return c.redirect(first.href, 303);
      const shell = await loadShell(c, deps);
      return c.html(uploadedPage({ shell, section: "collections", documents: created, warnings }));
    } catch (error) {
      passOnForbidden(error);
      return showList(c, { text: pasted, workspaceId, errors: formErrorsOf(error, { workspace: "" }) }, 400);
    }
  });

  routes.get("/collections/:id/delete", async (c) => {
    const { id, name } = await openCollection(c, deps, "editor");
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "collections",
        title: `Delete ${name}?`,
        consequence: "The monitors that run it go with it, and all their runs. This cannot be undone.",
        action: `/collections/${id}/delete`,
        label: `Delete ${name}`,
        back: `/collections/${id}`,
      }),
    );
  });

  routes.post("/collections/:id/delete", async (c) => {
    const { id } = await openCollection(c, deps, "editor");
    await deleteCollection(deps.database, c.get("actor"), id, deps.beforeDeletion);
    return c.redirect("/collections", 303);
  });

  routes.route("/", browsePages(deps, createCompatibilityCheck(checkCollection)));
  routes.route("/", editPages(deps));
  return routes.route("/", revisionPages(deps));
}

const wanted = {
  kinds: ["collection"] as ["collection"],
  shape: "a collection is an object with info and item",
  isOwn: ({ info, item }: Record<string, unknown>) => isRecord(info) && Array.isArray(item),
};

const inWorkspace = (shell: Shell) =>
  shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
