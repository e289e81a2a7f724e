import { type SQL, sql } from "drizzle-orm";

import type { Database } from "../../db/connect.ts";
import type { DiscoveredEndpoint } from "../../db/schema.ts";
import { recordAudit } from "../access/audit/audit.ts";
import type { Actor } from "../access/context.ts";
import type { Cursor } from "../lib/cursor.ts";
import { isUuid, newId } from "../lib/ids.ts";
import { cursorAt, isBeyond } from "./paging.ts";
import { isoTime } from "./system-environments-store.ts";

export interface ReportedService {
  name: string;
  version?: string | undefined;
  providerServiceId?: string | undefined;
  description?: string | undefined;
  sourceEnvironment?: string | undefined;
  apiDefinition?: { content?: string | undefined } | undefined;
  endpoints?: DiscoveredEndpoint[] | undefined;
  tags?: string[] | undefined;
  providerMetadata?: Record<string, unknown> | undefined;
}

export type DiscoveredService = {
  id: string;
  name: string;
  version: string | null;
  description: string | null;
  sourceEnvironment: string | null;
  discoverySource: string;
  providerServiceId: string | null;
  tags: string[];
  status: string;
  endpointsCount: number;
  discoveredBy: number;
  discoveredAt: string;
  lastSyncedAt: string;
  at: string;
};

export type WholeService = DiscoveredService & {
  endpoints: DiscoveredEndpoint[];
  definition: string | null;
  providerMetadata: Record<string, unknown> | null;
};

const columns = sql`
  d.id, d.name, d.version, d.description, d.source_environment as "sourceEnvironment",
  d.discovery_source as "discoverySource", d.provider_service_id as "providerServiceId", d.tags, d.status,
  d.endpoints_count as "endpointsCount", d.discovered_by as "discoveredBy",
  ${isoTime(sql`d.discovered_at`)} as "discoveredAt", ${isoTime(sql`d.last_synced_at`)} as "lastSyncedAt",
  ${cursorAt(sql`d.discovered_at`)} as at`;

/** What a service is told from others by: its id at the provider, else its name and where it was seen. */
const identityOf = ({ providerServiceId, name, sourceEnvironment }: ReportedService): string =>
  JSON.stringify(providerServiceId === undefined ? [name, sourceEnvironment ?? null] : [providerServiceId]);

/** Stores what was found; what is known already is replaced. */
export async function storeDiscovered(
  { db }: Database,
  actor: Actor,
  reported: readonly ReportedService[],
): Promise<{ services: DiscoveredService[]; created: number; updated: number }> {
  return await db.transaction(async (tx) => {
    const services: DiscoveredService[] = [];
    let created = 0;
    for (const one of reported) {
      const row = rowOf(one);
      const [stored] = await tx.execute<DiscoveredService & { isNew: boolean }>(sql`
        insert into discovered_services as d
               (id, identity, name, version, description, source_environment, discovery_source, provider_service_id, tags,
                endpoints, endpoints_count, definition, provider_metadata, status, discovered_by)
        values (${newId()}, ${row.identity}, ${one.name}, ${row.version}, ${row.description}, ${row.sourceEnvironment},
                'public_api', ${row.providerServiceId}, ${textArray(one.tags)}, ${JSON.stringify(row.endpoints)}::jsonb,
                ${row.endpoints.length}, ${row.definition}, ${row.providerMetadata}::jsonb, 'discovered', ${actor.userId})
            on conflict (identity) do update set
               name = excluded.name, version = excluded.version, description = excluded.description,
               source_environment = excluded.source_environment, tags = excluded.tags, endpoints = excluded.endpoints,
               endpoints_count = excluded.endpoints_count, definition = excluded.definition,
               provider_metadata = excluded.provider_metadata, last_synced_at = now()
        returning ${columns}, d.xmax = 0 as "isNew"`);
      if (!stored) throw new Error("insert of a discovered service returned no row");
      const { isNew, ...service } = stored;
      if (isNew) created++;
      services.push(service);
    }
    await recordAudit(tx, actor, {
      action: "discovered_services.reported",
      subjectType: "discovered_service",
      subjectId: services[0]?.id ?? "",
      change: { services: services.map(({ name }) => name), created },
    });
    return { services, created, updated: services.length - created };
  });
}

const rowOf = (one: ReportedService) => ({
  identity: identityOf(one),
  version: one.version ?? null,
  description: one.description ?? null,
  sourceEnvironment: one.sourceEnvironment ?? null,
  providerServiceId: one.providerServiceId ?? null,
  endpoints: one.endpoints ?? [],
  definition: one.apiDefinition?.content ?? null,
  providerMetadata: one.providerMetadata ? JSON.stringify(one.providerMetadata) : null,
});

const textArray = (values: readonly string[] = []): SQL =>
  sql`array[${sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )}]::text[]`;

/** Oldest first, one more than `limit` when there are more; `total` counts all that match. */
export async function listDiscovered(
  { db }: Database,
  filter: {
    discoverySource?: string | undefined;
    status?: string | undefined;
    search?: string | undefined;
    limit: number;
    after?: Cursor | undefined;
  },
): Promise<{ rows: DiscoveredService[]; total: number }> {
  const matches = sql.join(
    [
      filter.discoverySource === undefined ? sql`true` : sql`d.discovery_source = ${filter.discoverySource}`,
      filter.status === undefined ? sql`true` : sql`d.status = ${filter.status}`,
      filter.search === undefined
        ? sql`true`
        : sql`strpos(lower(d.name), ${filter.search.toLowerCase()}) > 0`,
    ],
    sql` and `,
  );
  const [rows, totals] = await Promise.all([
    db.execute<DiscoveredService>(sql`
      select ${columns} from discovered_services d
       where ${matches} and ${isBeyond(sql`(d.discovered_at, d.id)`, filter.after)}
       order by d.discovered_at, d.id limit ${filter.limit + 1}`),
    db.execute<{ total: number }>(
      sql`select count(*)::int as total from discovered_services d where ${matches}`,
    ),
  ]);
  return { rows: [...rows], total: totals[0]?.total ?? 0 };
}

export async function findDiscovered({ db }: Database, id: string): Promise<WholeService | undefined> {
  if (!isUuid(id)) return undefined;
  const [row] = await db.execute<WholeService>(sql`
    select ${columns}, d.endpoints, d.definition, d.provider_metadata as "providerMetadata"
      from discovered_services d where d.id = ${id}`);
  return row;
}
