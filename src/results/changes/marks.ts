import type { Database } from "../../../db/connect.ts";
import { enumeration, settingChanges } from "./words.ts";

/** Something that was changed around a monitor, as charts and bars draw it. */
export interface Mark {
  at: Date;
  kind: "monitor" | "collection" | "environment" | "globals" | "runner" | "maintenance";
  /** A whole sentence, such as "Ada changed schedule and retries". */
  title: string;
  /** Where one sees what exactly. */
  href?: string | undefined;
}

export interface MarksRequest {
  since: Date;
  until: Date;
}

/** More would not be told apart in a chart; the newest are kept. */
const MAX_MARKS = 100;

/** What was changed around a monitor in a time, oldest first, at most 100: its settings, documents, runners, maintenance. */
export async function listMarks(
  database: Database,
  monitorId: string,
  request: MarksRequest,
): Promise<Mark[]> {
  const found = await Promise.all([marksOfMonitor(database, monitorId, request)]);
  return found
    .flat()
    .toSorted((left, right) => left.at.getTime() - right.at.getTime())
    .slice(-MAX_MARKS);
}

interface AuditLine {
  at: Date;
  who: string;
  action: string;
  change: Record<string, unknown> | null;
}

async function marksOfMonitor(
  { sql }: Database,
  monitorId: string,
  { since, until }: MarksRequest,
): Promise<Mark[]> {
  const lines = await sql<AuditLine[]>`
    select r.at, coalesce(u.name, r.via) as who, r.action, r.change
      from audit_records r left join users u on u.id = r.actor_id
     where r.subject_type = 'monitor' and r.subject_id = ${monitorId} and r.at > ${since} and r.at <= ${until}
     order by r.id desc limit ${MAX_MARKS}`;
  return lines.map(({ at, who, action, change }) => ({
    at,
    kind: "monitor",
    title: sentenceOf(who, action, change ?? {}),
    href: `/monitors/${monitorId}/activity`,
  }));
}

function sentenceOf(who: string, action: string, change: Record<string, unknown>): string {
  if (action === "monitor.created") return `${who} created the monitor`;
  if (action === "monitor.paused") return `${who} paused the monitor`;
  if (action === "monitor.resumed") return `${who} resumed the monitor`;
  const names = settingChanges(change).map(({ name }) => name);
  return names.length === 0 ? `${who} saved the monitor` : `${who} changed ${enumeration(names)}`;
}
