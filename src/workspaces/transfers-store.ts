import { sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import { recordAudit, type Tx } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { AppError, problem } from "../lib/errors.ts";
import { noSuchWorkspace } from "./store.ts";

export interface Transfer {
  type: "collection" | "environment" | "monitor" | "mock";
  id: string;
  from: string;
  to: string;
}

const tableOf = {
  collection: "collections",
  environment: "environments",
  monitor: "monitors",
  mock: "mocks",
} as const;

/**
 * Moves an element to another workspace; of a collection its monitors, mocks and webhooks go with it, because they run
 * nothing else. 403 for who may not change both workspaces, 404 for what is not there, 409 when something that goes
 * would use something that stays.
 */
export async function transferElement(database: Database, actor: Actor, transfer: Transfer): Promise<void> {
  const { type, id, from, to } = transfer;
  await database.db.transaction(async (tx) => {
    await requireWorkspaces(tx, transfer);
    await requireWorkspaceRole({ db: tx }, actor, from, "editor");
    await requireWorkspaceRole({ db: tx }, actor, to, "editor");
    const [element] = await tx.execute<{ name: string }>(sql`
      select name from ${sql.identifier(tableOf[type])} where id = ${id} and workspace_id = ${from} for update`);
    if (!element) throw problem("not_found", `There is no such ${type} in the workspace.`);
    if (from === to) return;
    await requireNothingLeft(tx, transfer);
    await move(tx, transfer);
    for (const workspaceId of [from, to]) {
      await recordAudit(tx, actor, {
        action: `${type}.transferred`,
        subjectType: type,
        subjectId: id,
        change: { name: element.name, before: { workspaceId: from }, after: { workspaceId: to } },
        workspaceId,
      });
    }
  });
}

async function requireWorkspaces(tx: Tx, { from, to }: Transfer): Promise<void> {
  // In one order: two transfers that cross must not wait for each other.
  const found = await tx.execute<{ id: string }>(sql`
    select id from workspaces where id in (${from}, ${to}) order by id for share`);
  const missing = [from, to].some((id) => !found.some((workspace) => workspace.id === id));
  if (missing) throw noSuchWorkspace();
}

async function requireNothingLeft(tx: Tx, transfer: Transfer): Promise<void> {
  const { type, id, to } = transfer;
  if (type === "monitor" || type === "mock") {
    throw conflict(
      `A ${type} is where its collection is; move the collection, and the ${type} goes with it.`,
    );
  }
  const users = await tx.execute<{ kind: string; name: string }>(sql`
    select 'monitor' as kind, name from monitors where ${usesStaying(type, id)}
    union all select 'mock', name from mocks where ${usesStaying(type, id)} limit 1`);
  const [user] = users;
  if (user) {
    throw conflict(
      type === "environment"
        ? `The ${user.kind} "${user.name}" uses this environment; give it another one first.`
        : `The ${user.kind} "${user.name}" of this collection uses an environment that would stay; take it away first.`,
    );
  }
  if (type === "collection") await requireRunners(tx, id, to);
}

const usesStaying = (type: "collection" | "environment", id: string) =>
  type === "environment"
    ? sql`environment_id = ${id}`
    : sql`collection_id = ${id} and environment_id is not null`;

/** A monitor never moves to another network by itself. */
async function requireRunners(tx: Tx, collectionId: string, to: string): Promise<void> {
  const [unseen] = await tx.execute<{ monitor: string; runner: string }>(sql`
    select m.name as monitor, r.name as runner
      from monitors m join monitor_runners d on d.monitor_id = m.id join runners r on r.id = d.runner_id
     where m.collection_id = ${collectionId} and r.visibility <> 'all'
       and not exists (select 1 from runner_workspaces v where v.runner_id = r.id and v.workspace_id = ${to})
     limit 1`);
  if (!unseen) return;
  throw conflict(
    `The monitor "${unseen.monitor}" of this collection runs on "${unseen.runner}", which is not visible in the other workspace.`,
  );
}

async function move(tx: Tx, { type, id, to }: Transfer): Promise<void> {
  await tx.execute(sql`update ${sql.identifier(tableOf[type])} set workspace_id = ${to} where id = ${id}`);
  if (type !== "collection") return;
  await tx.execute(sql`
    update webhooks w set workspace_id = ${to} from monitors m where m.id = w.monitor_id and m.collection_id = ${id}`);
  await tx.execute(sql`update monitors set workspace_id = ${to} where collection_id = ${id}`);
  await tx.execute(sql`update mocks set workspace_id = ${to} where collection_id = ${id}`);
  // Specifications stay: whoever may write on one side only must not reach the other through the link.
  await tx.execute(sql`delete from spec_collections where collection_id = ${id}`);
}

const conflict = (message: string): AppError => problem("conflict", message);
