import { type Context, Hono } from "hono";

import { withQuery } from "../../../web/format.ts";
import { type RevisedDocument, revisionPage, revisionsPage } from "../../../web/pages/revisions.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { AppError } from "../../lib/errors.ts";
import { isReadOnly, loadShell } from "../../workspaces/pages-shell.ts";
import { noSuchRevision, revisionNumber } from "../../workspaces/revisions-query.ts";
import { openCollection } from "../open-page.ts";
import type { CollectionHead } from "../store.ts";
import { diffDocuments } from "./diff.ts";
import { findRevision, findRevisionBefore, listRevisions, restoreRevision } from "./store.ts";
import { viewChanges } from "./view.ts";

const PAGE_SIZE = 50;

/** `/collections/ID/revisions`: who changed what, compared with any other revision, and the way back. */
export function revisionPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get("/collections/:id/revisions", async (c) => {
    const head = await openCollection(c, deps, "viewer");
    const before = revisionNumber(c.req.query("before") ?? "");
    const page = { limit: PAGE_SIZE, ...(before !== undefined && { before }) };
    const { revisions, next, total } = await listRevisions(database, head.id, page);
    const href = `/collections/${head.id}/revisions`;
    return c.html(
      revisionsPage({
        shell: await loadShell(c, deps),
        document: revised(head),
        revisions,
        total,
        next: next === undefined ? undefined : withQuery(href, { before: String(next) }),
      }),
    );
  });

  routes.get("/collections/:id/revisions/:revision", async (c) => {
    const head = await openCollection(c, deps, "viewer");
    const { number, revision, against } = await findBoth(c, deps, head);
    const changes = against ? diffDocuments(against.document, revision.document) : [];
    const { revisions } = await listRevisions(database, head.id, { limit: 100 });
    const shell = await loadShell(c, deps);
    return c.html(
      revisionPage({
        shell,
        document: revised(head),
        revision,
        against: against?.revision,
        currentRevision: head.revision,
        others: revisions.map((one) => one.revision).filter((one) => one !== number),
        ...viewChanges(changes, { collectionId: head.id }),
        isReadOnly: isReadOnly(shell, head.workspaceId),
      }),
    );
  });

  routes.post("/collections/:id/revisions/:revision/restore", async (c) => {
    const { id } = await openCollection(c, deps, "editor");
    const number = revisionNumber(c.req.param("revision"));
    if (number === undefined) throw noSuchRevision(c.req.param("revision"));
    const restored = await restoreRevision(database, c.get("actor"), id, { revision: number });
    if (!restored) throw new AppError("not_found", "There is no such collection; it may have been deleted.");
    return c.redirect(withQuery(`/collections/${id}`, { saved: String(restored.revision) }), 303);
  });

  return routes;
}

/** The revision of the path, and the one that it is compared with: of the query, else the one before it. */
async function findBoth(
  c: Context<AppEnv, "/collections/:id/revisions/:revision">,
  { database }: Pick<Deps, "database">,
  { id }: CollectionHead,
) {
  const asked = c.req.param("revision");
  const number = revisionNumber(asked);
  const revision = number === undefined ? undefined : await findRevision(database, id, number);
  if (number === undefined || !revision) throw noSuchRevision(asked);
  const wanted = c.req.query("against");
  const other =
    wanted === undefined ? await findRevisionBefore(database, id, number) : revisionNumber(wanted);
  const against = other === undefined ? undefined : await findRevision(database, id, other);
  if (wanted !== undefined && !against) throw noSuchRevision(wanted);
  return { number, revision, against };
}

const revised = ({ id, name }: CollectionHead): RevisedDocument => ({
  href: `/collections/${id}`,
  name,
  section: "collections",
  list: { href: "/collections", label: "Collections" },
});
