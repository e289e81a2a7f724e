import { type Context, Hono } from "hono";

import { withQuery } from "../../../web/format.ts";
import { type RevisedDocument, revisionPage, revisionsPage } from "../../../web/pages/revisions.tsx";
import type { AppEnv, Deps } from "../../access/context.ts";
import { isReadOnly, loadShell } from "../../workspaces/pages-shell.ts";
import { noSuchRevision, revisionNumber } from "../../workspaces/revisions-query.ts";
import { type OpenSet, openEnvironmentSet, openGlobalsSet, type VariableSet } from "./set.ts";
import { diffVariables } from "./values.ts";

const PAGE_SIZE = 50;
/** Of the choice what to compare with. */
const MAX_OTHERS = 100;

/** Revisions of environments and globals: who changed what, compared with any other, and the way back. */
export function variableRevisionPages(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  mount(routes, deps, { path: "/environments/:id", open: openEnvironmentSet });
  mount(routes, deps, { path: "/globals/:workspaceId", open: openGlobalsSet });
  return routes;
}

function mount(routes: Hono<AppEnv>, deps: Deps, { path, open }: { path: string; open: OpenSet }): void {
  routes.get(`${path}/revisions`, async (c) => {
    const set = await open(c, deps, "viewer");
    const before = revisionNumber(c.req.query("before") ?? "");
    const page = { limit: PAGE_SIZE, ...(before !== undefined && { before }) };
    const { revisions, next, total } = await set.listRevisions(page);
    return c.html(
      revisionsPage({
        shell: await loadShell(c, deps),
        document: revised(set),
        revisions,
        total,
        next: next === undefined ? undefined : withQuery(`${set.href}/revisions`, { before: String(next) }),
      }),
    );
  });

  routes.get(`${path}/revisions/:revision`, async (c) => {
    const set = await open(c, deps, "viewer");
    const { revisions } = await set.listRevisions({ limit: MAX_OTHERS });
    const { revision, against } = await findBoth(
      c,
      set,
      revisions.map((one) => one.revision),
    );
    const shell = await loadShell(c, deps);
    return c.html(
      revisionPage({
        shell,
        document: revised(set),
        revision,
        against: against?.revision,
        currentRevision: set.revision,
        others: revisions.map((one) => one.revision).filter((one) => one !== revision.revision),
        elements: against ? diffVariables(against, revision) : [],
        left: 0,
        isReadOnly: isReadOnly(shell, set.workspaceId),
      }),
    );
  });

  routes.post(`${path}/revisions/:revision/restore`, async (c) => {
    const set = await open(c, deps, "editor");
    const asked = c.req.param("revision") ?? "";
    const number = revisionNumber(asked);
    if (number === undefined) throw noSuchRevision(asked);
    const restored = await set.restore(number);
    return c.redirect(withQuery(set.href, { saved: String(restored) }), 303);
  });
}

/** The revision of the path, and the one that it is compared with: of the query, else the one before it. */
async function findBoth(c: Context<AppEnv>, set: VariableSet, numbers: number[]) {
  const asked = c.req.param("revision") ?? "";
  const number = revisionNumber(asked);
  const revision = number === undefined ? undefined : await set.findRevision(number);
  if (number === undefined || !revision) throw noSuchRevision(asked);
  const wanted = c.req.query("against");
  const other = wanted === undefined ? numbers.find((one) => one < number) : revisionNumber(wanted);
  const against = other === undefined ? undefined : await set.findRevision(other);
  if (wanted !== undefined && !against) throw noSuchRevision(wanted);
  return { revision, against };
}

const revised = ({ href, title }: VariableSet): RevisedDocument => ({
  href,
  name: title,
  section: "environments",
  list: { href: "/environments", label: "Environments" },
});
