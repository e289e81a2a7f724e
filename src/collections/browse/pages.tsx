import { type Context, Hono } from "hono";

import { type FolderView, itemPage } from "../../../web/pages/collection-item.tsx";
import { collectionPage, pageOf } from "../../../web/pages/collection.tsx";
import { compatibilityPage, Findings } from "../../../web/pages/compatibility.tsx";
import { CollectionTree, itemHref } from "../../../web/parts/collection-tree.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { searchText } from "../../access/pages-form.ts";
import { isReadOnly, loadShell, workspaceName } from "../../workspaces/pages-shell.ts";
import { type Element, idOf } from "../elements.ts";
import { nameOf } from "../items.ts";
import { openCollection, openWholeCollection } from "../open-page.ts";
import type { Collection } from "../store.ts";
import type { CompatibilityCheck } from "./compatibility.ts";
import { inheritedAuth } from "./inherited.ts";
import { rowsOf, viewOwner, viewRequest } from "./item-view.ts";
import { countItems, descriptionOf, getItem, nodesOf, searchItems } from "./tree.ts";
import { listMonitorUses } from "./uses-store.ts";

const PAGE_SIZE = 200;
const MAX_FOUND = 100;
const MAX_FINDINGS = 100;

/** `/collections/ID` and what is in it: tree, search, folders, requests, what will differ from Postman. */
export function browsePages(deps: Deps, check: CompatibilityCheck): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/collections/:id", async (c) => {
    const collection = await openWholeCollection(c, deps, "viewer");
    const [shell, uses] = await Promise.all([loadShell(c, deps), listMonitorUses(database, collection.id)]);
    const { document } = collection;
    const text = searchText(c.req.query("q"));
    const counts = countItems(document);
    const { scripts, auth } = viewOwner(document);
    return c.html(
      collectionPage({
        shell,
        collection: {
          ...headOf(collection, workspaceName(shell, collection.workspaceId)),
          description: descriptionOf(document),
          requestCount: counts.requests,
          folderCount: counts.folders,
          variables: rowsOf(document["variable"]),
          scripts,
          auth,
        },
        ...pageOfList(c, document["item"], `/collections/${collection.id}`),
        search: { text, ...(text === "" ? { found: [], total: 0 } : searchItems(document, text, MAX_FOUND)) },
        uses,
        saved: savedOf(c, collection),
        isReadOnly: isReadOnly(shell, collection.workspaceId),
      }),
    );
  });

  routes.get("/collections/:id/items/:itemId", async (c) => {
    const collection = await openWholeCollection(c, deps, "viewer");
    const { item, kind, ancestors } = getItem(collection, c.req.param("itemId"));
    const [shell, uses] = await Promise.all([loadShell(c, deps), listMonitorUses(database, collection.id)]);
    return c.html(
      itemPage({
        shell,
        collection: headOf(collection, workspaceName(shell, collection.workspaceId)),
        ancestors,
        item: { id: idOf(item), name: nameOf(item) },
        content:
          kind === "request" ? { request: viewRequest(item) } : { folder: viewFolder(c, collection, item) },
        inherited: inheritedAuth(collection, ancestors),
        uses,
        saved: savedOf(c, collection),
        isReadOnly: isReadOnly(shell, collection.workspaceId),
      }),
    );
  });

  routes.get("/collections/:id/items/:itemId/contents", async (c) => {
    const collection = await openWholeCollection(c, deps, "viewer");
    const { item } = getItem(collection, c.req.param("itemId"));
    const list = pageOfList(c, item["item"], itemHref(collection.id, idOf(item)));
    return c.html(<CollectionTree collectionId={collection.id} {...list} />);
  });

  routes.get("/collections/:id/compatibility", async (c) => {
    const head = await openCollection(c, deps, "viewer");
    const found = await check(head, async () => (await openWholeCollection(c, deps, "viewer")).document);
    const shown = { findings: found.slice(0, MAX_FINDINGS), left: Math.max(0, found.length - MAX_FINDINGS) };
    c.header("vary", "hx-request");
    if (c.req.header("hx-request") === "true") return c.html(<Findings {...shown} />);
    return c.html(compatibilityPage({ shell: await loadShell(c, deps), collection: head, ...shown }));
  });

  return routes;
}

const headOf = ({ id, name, revision, updatedAt }: Collection, workspace: string) => ({
  id,
  name,
  revision,
  updatedAt,
  workspaceName: workspace,
});

const viewFolder = (c: Context<AppEnv>, { id }: Collection, folder: Element): FolderView => ({
  ...viewOwner(folder),
  variables: rowsOf(folder["variable"]),
  ...pageOfList(c, folder["item"], itemHref(id, idOf(folder))),
});

/** A part of a long list; the address of the next one. */
function pageOfList(c: Context<AppEnv>, items: unknown, href: string) {
  const asked = Number(c.req.query("page") ?? "1");
  const number = Number.isInteger(asked) && asked > 0 ? asked : 1;
  const all = Array.isArray(items) ? items : [];
  const nodes = nodesOf(all.slice((number - 1) * PAGE_SIZE, number * PAGE_SIZE));
  return { nodes, next: all.length > number * PAGE_SIZE ? pageOf(href, number + 1) : undefined };
}

/** The revision of the query string, while it is still the newest: then it can be undone. */
function savedOf(c: Context<AppEnv>, { revision }: Collection): number | undefined {
  return c.req.query("saved") === String(revision) ? revision : undefined;
}
