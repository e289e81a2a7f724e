import { isDeepStrictEqual } from "node:util";

import type { Context } from "hono";

import type { AppEnv, Deps } from "../../access/context.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../../access/workspace-rights.ts";
import { AppError } from "../../lib/errors.ts";
import { isUuid } from "../../lib/ids.ts";
import type { ChangeNote, RevisionHead } from "../../workspaces/revision.ts";
import type { RevisionsPage } from "../../workspaces/revisions-query.ts";
import { requireWorkspace } from "../../workspaces/store.ts";
import type { EnvironmentValue } from "../environment.ts";
import { findGlobalsRevision, listGlobalsRevisions, restoreGlobalsRevision } from "../globals-revisions.ts";
import { changeGlobals, findGlobals } from "../globals-store.ts";
import {
  findEnvironmentRevision,
  listEnvironmentRevisions,
  restoreEnvironmentRevision,
} from "../revisions-store.ts";
import { changeEnvironmentIn, type Environment, findEnvironment } from "../store.ts";

/** What pages do with variables, whether they are an environment's or the globals of a workspace. Secrets are opened. */
export interface VariableSet {
  href: string;
  title: string;
  /** Undefined for globals, which have none. */
  name: string | undefined;
  workspaceId: string;
  /** 0 for globals that were never set. */
  revision: number;
  updatedAt: Date;
  values: EnvironmentValue[];
  listRevisions(page: RevisionsPage): ReturnType<typeof listGlobalsRevisions>;
  findRevision(revision: number): Promise<(RevisionHead & { values: EnvironmentValue[] }) | undefined>;
  /** Returns the new revision. */
  restore(revision: number): Promise<number>;
  /** Returns the new revision; undefined when it is not any more what was loaded here. */
  save(wanted: { name: string; values: EnvironmentValue[] }, note: ChangeNote): Promise<number | undefined>;
}

/** Finds what a page's path names, for whoever has the role. Throws 404 and 403. */
export type OpenSet = (c: Context<AppEnv>, deps: Deps, needed: WorkspaceRole) => Promise<VariableSet>;

/** Thrown inside of the transaction, so that it changes nothing. */
class Overtaken extends Error {}

const unlessOvertaken = async (save: Promise<number | undefined>): Promise<number | undefined> => {
  try {
    return await save;
  } catch (error) {
    if (error instanceof Overtaken) return undefined;
    throw error;
  }
};

/** The environment of a page's path, for whoever has the role in its workspace. Throws 404 and 403. */
export async function openEnvironment(
  c: Context<AppEnv>,
  deps: Deps,
  needed: WorkspaceRole,
): Promise<Environment> {
  const id = c.req.param("id") ?? "";
  const found = isUuid(id) ? await findEnvironment(deps, id) : undefined;
  if (!found) throw gone();
  await requireWorkspaceRole(deps.database, c.get("actor"), found.workspaceId, needed);
  return found;
}

const gone = () => new AppError("not_found", "There is no such environment; it may have been deleted.");

export const openEnvironmentSet: OpenSet = async (c, deps, needed) => {
  const environment = await openEnvironment(c, deps, needed);
  const { id, name } = environment;
  const actor = c.get("actor");
  return {
    ...environment,
    href: `/environments/${id}`,
    title: name,
    listRevisions: (page) => listEnvironmentRevisions(deps.database, id, page),
    findRevision: (revision) => findEnvironmentRevision(deps, id, revision),
    restore: async (revision) => {
      const restored = await restoreEnvironmentRevision(deps, actor, id, { revision });
      if (!restored) throw gone();
      return restored.revision;
    },
    save: (wanted, note) =>
      unlessOvertaken(
        deps.database.db.transaction(async (tx) => {
          const writer = { secretBox: deps.secretBox, actor, note };
          const saved = await changeEnvironmentIn(tx, writer, id, (now) => {
            if (now.revision !== environment.revision) throw new Overtaken();
            return wanted;
          });
          return saved?.revision;
        }),
      ),
  };
};

export const openGlobalsSet: OpenSet = async (c, deps, needed) => {
  const actor = c.get("actor");
  const workspace = await requireWorkspace(deps.database, actor, {
    id: c.req.param("workspaceId") ?? "",
    needed,
    notFound: () => new AppError("not_found", "There is no such workspace; it may have been deleted."),
  });
  const { id } = workspace;
  const found = await findGlobals(deps, id);
  const values = found?.values ?? [];
  return {
    href: `/globals/${id}`,
    title: `Globals of ${workspace.name}`,
    name: undefined,
    workspaceId: id,
    revision: found?.revision ?? 0,
    updatedAt: found?.updatedAt ?? deps.clock.now(),
    values,
    listRevisions: (page) => listGlobalsRevisions(deps.database, id, page),
    findRevision: (revision) => findGlobalsRevision(deps, id, revision),
    restore: (revision) => restoreGlobalsRevision(deps, actor, id, revision),
    save: (wanted, note) =>
      unlessOvertaken(
        changeGlobals(
          deps,
          actor,
          id,
          (now) => {
            if (!isDeepStrictEqual(now, values)) throw new Overtaken();
            return wanted.values;
          },
          note,
        ),
      ),
  };
};
