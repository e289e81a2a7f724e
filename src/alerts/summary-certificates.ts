import type { Database } from "../../db/connect.ts";
import { listSteps } from "../runs/read.ts";
import { certificateSentence } from "./words.ts";

const DAY_MS = 86_400_000;
/** Each means reading a run; a workspace with more monitors is told of those that ran last. */
const MAX_RUNS = 200;

/** The certificates that end within `days`, as the last run of each monitor was shown them; a sentence each, soonest first. */
export async function readCertificateEnds(
  database: Database,
  workspaceId: string,
  { days, limit }: { days: number; limit: number },
): Promise<string[]> {
  const runs = await database.sql<{ id: string; at: Date }[]>`
    select r.id, now() as at from monitors m join lateral (
      select id, queued_at from runs where monitor_id = m.id and outcome in ('passed', 'failed')
         and queued_at > now() - interval '7 days'
       order by queued_at desc limit 1) r on true
     where m.workspace_id = ${workspaceId} order by r.queued_at desc limit ${MAX_RUNS}`;
  const ends = new Map<string, { days: number; endsAt: Date }>();
  for (const { id, at } of runs) {
    const { steps } = await listSteps(database, id);
    for (const { certificate, response } of steps) {
      for (const shown of [certificate, response?.certificate]) {
        const endsInDays =
          shown === undefined ? Number.NaN : (Date.parse(shown.validTo) - at.getTime()) / DAY_MS;
        if (shown && endsInDays <= days) {
          ends.set(nameOf(shown), { days: endsInDays, endsAt: new Date(shown.validTo) });
        }
      }
    }
  }
  return [...ends]
    .toSorted(([, left], [, right]) => left.days - right.days)
    .slice(0, limit)
    .map(([name, end]) => certificateSentence(name, end));
}

const nameOf = ({ subject, names }: { subject: string; names?: string[] | undefined }): string =>
  /(?:^|, )CN=([^,]+)/.exec(subject)?.[1] ?? names?.[0] ?? subject;
