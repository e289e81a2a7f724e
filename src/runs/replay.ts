import type { Database } from "../../db/connect.ts";
import type { MonitorOptions } from "../../db/schema.ts";
import { toUid } from "../lib/ids.ts";
import type { RunDetail } from "./read.ts";

/**
 * What a run was made of, as references: whoever replays it reads the documents with the rights that each of them needs, and a
 * key for runs alone learns no secret from here.
 */
export async function replayBody({ sql }: Database, run: RunDetail) {
  const [around] = await sql<{ options: MonitorOptions; globalsChanged: boolean; hasInput: boolean }[]>`
    select m.options,
           exists (select 1 from globals g where g.workspace_id = m.workspace_id and g.updated_at > ${run.startedAt ?? run.queuedAt})
             as "globalsChanged",
           exists (select 1 from execution_inputs i where i.execution_id = ${run.executionId}) or ${run.trigger === "webhook"}
             as "hasInput"
      from monitors m where m.id = ${run.monitor.id}`;
  if (!around) throw new Error(`monitor ${run.monitor.id} of a run is gone`);
  const { collection, environment, monitor } = run;
  return {
    runId: run.id,
    monitor: { id: monitor.id, name: monitor.name },
    workspace: run.workspaceId,
    trigger: run.trigger,
    startedAt: run.startedAt?.toISOString() ?? null,
    outcome: run.outcome,
    detail: run.detail,
    collection: {
      id: collection.id,
      uid: toUid(collection.ownerId, collection.id),
      name: collection.name,
      revision: run.collectionRevision,
    },
    environment: environment && {
      id: environment.id,
      uid: toUid(environment.ownerId, environment.id),
      name: environment.name,
      revision: run.environmentRevision,
    },
    ...around,
    command: `app monitor replay ${run.id}`,
  };
}
