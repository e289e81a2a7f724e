import { Hono } from "hono";
import { z } from "zod";

import { AppError } from "../../lib/errors.ts";
import type { Actor, AppEnv, Deps } from "../context.ts";
import { documented } from "../endpoint.ts";
import { team } from "../people/team.ts";
import { readQuery } from "../request.ts";
import { displayNameOf, listActions } from "./actions.ts";
import { encodeAuditCursor, parseAuditQuery } from "./query.ts";
import { type AuditRecord, type AuditUser, listAuditRecords, listRecordedActions } from "./store.ts";

const tag = "Audit";
const text = z.string().optional();
const auditQuery = z.object({
  userId: text.describe("Id of the user who did it"),
  action: text.describe("Such as collection.created"),
  since: text.describe("From this day or instant on"),
  until: text.describe("Up to and with this day or instant"),
  limit: text.describe("1 to 300; default 50"),
  cursor: text.describe("meta.nextCursor of the page before"),
  order_by: text.describe("asc or desc, by time; default desc"),
  orderBy: text.describe("The same under its other name"),
});
const person = z.object({ id: z.int(), name: z.string(), username: z.string(), email: z.string() });
const trail = z.object({
  id: z.int(),
  ip: z.string(),
  userAgent: z.string(),
  action: z.string(),
  timestamp: z.iso.datetime(),
  message: z.string(),
  data: z.object({
    actor: person.extend({ active: z.boolean() }),
    user: person,
    team: z.object({ id: z.int(), name: z.string() }),
    variables: z.record(z.string(), z.unknown()),
  }),
});

/** `/audit/logs` and `/audit-actions` of the Postman API, for admins. */
export function auditApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get(
    "/audit/logs",
    documented({
      summary: "List the audit trail",
      description: "For admins: who changed what, when, from where, and what it was before and after.",
      tag,
      query: auditQuery,
      answer: z.object({
        trails: z.array(trail),
        meta: z.object({ nextCursor: z.string().nullable() }),
      }),
    }),
    async (c) => {
      requireReader(c.get("actor"), "You do not have permissions to view audit logs");
      const filter = parseAuditQuery(readQuery(c, auditQuery));
      const found = await listAuditRecords(database, { ...filter, limit: filter.limit + 1 });
      const page = found.slice(0, filter.limit);
      const last = found.length > filter.limit ? page.at(-1) : undefined;
      const nextCursor = last ? encodeAuditCursor({ at: last.atText, id: last.id }) : null;
      return c.json({ trails: page.map(toTrail), meta: { nextCursor } });
    },
  );

  routes.get(
    "/audit-actions",
    documented({
      summary: "List the actions of the audit trail",
      tag,
      answer: z.array(z.object({ name: z.string(), displayName: z.string() })),
    }),
    async (c) => {
      requireReader(c.get("actor"), "You do not have permissions to view audit actions");
      return c.json(listActions(await listRecordedActions(database)));
    },
  );

  return routes;
}

function requireReader(actor: Actor, message: string): void {
  if (actor.role !== "admin") throw new AppError("forbidden", message, { name: "ForbiddenRequest" });
}

/** Who acts when no user does, or one who is not stored any more. */
const nobody = (via: string): AuditUser => ({ id: 0, name: via, email: "", active: false });

const toTrail = (record: AuditRecord) => {
  const actor = record.actor ?? nobody(record.via);
  return {
    id: record.id,
    ip: record.address ?? "",
    userAgent: record.userAgent ?? "",
    action: record.action,
    timestamp: record.at.toISOString(),
    message: messageOf(record, actor),
    data: {
      actor: { ...toPerson(actor), active: actor.active },
      user: toPerson(record.user ?? actor),
      team,
      variables: {
        subjectType: record.subjectType,
        subjectId: record.subjectId,
        via: record.via,
        ...(record.keyId !== null && { keyId: record.keyId }),
        ...record.change,
      },
    },
  };
};

const toPerson = ({ id, name, email }: AuditUser) => ({
  name,
  username: email.split("@")[0] ?? email,
  email,
  id,
});

/** "Ada, monitor: paused, <id>" as a sentence: "Ada: Monitor: paused (…)". */
const messageOf = ({ action, subjectId }: AuditRecord, actor: AuditUser): string =>
  `${actor.name || actor.email}: ${displayNameOf(action)} (${subjectId})`;
