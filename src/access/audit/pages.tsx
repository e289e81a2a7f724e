import { type Context, Hono } from "hono";

import { auditPage, type AuditFilterValues, type AuditRow } from "../../../web/pages/audit.tsx";
import { AppError } from "../../lib/errors.ts";
import type { AppEnv, Deps } from "../context.ts";
import { formErrorsOf } from "../pages-form.ts";
import { accessShell } from "../pages-shell.ts";
import { listUsers } from "../people/store.ts";
import { requireAdmin } from "../rights.ts";
import { displayNameOf, listActions } from "./actions.ts";
import { encodeAuditCursor, parseAuditQuery } from "./query.ts";
import { type AuditFilter, type AuditRecord, listAuditRecords, listRecordedActions } from "./store.ts";

const PER_PAGE = 100;

/** `/audit`: who changed what, for admins. */
export function auditPages(deps: Pick<Deps, "database" | "clock">): Hono<AppEnv> {
  const { database } = deps;
  return new Hono<AppEnv>().get("/audit", async (c) => {
    requireAdmin(c.get("actor"));
    const values = valuesOf(c);
    const { filter, errors } = readFilter(values, c.req.query("cursor"));
    const [found, users, recorded] = await Promise.all([
      filter ? listAuditRecords(database, { ...filter, limit: PER_PAGE + 1 }) : [],
      listUsers(database),
      listRecordedActions(database),
    ]);
    const shown = found.slice(0, PER_PAGE);
    const last = found.length > PER_PAGE ? shown.at(-1) : undefined;
    const props = {
      shell: accessShell(c, deps),
      rows: shown.map(toRow),
      values,
      users,
      actions: listActions(recorded),
      next: last && encodeAuditCursor({ at: last.atText, id: last.id }),
      errors,
    };
    return c.html(auditPage(props), errors ? 400 : 200);
  });
}

function valuesOf(c: Context<AppEnv>): AuditFilterValues {
  const read = (name: string) => (c.req.query(name) ?? "").trim();
  return { userId: read("userId"), action: read("action"), since: read("since"), until: read("until") };
}

/** A field that was left empty filters nothing. */
function readFilter(
  values: AuditFilterValues,
  cursor: string | undefined,
): { filter?: AuditFilter; errors?: Record<string, string> } {
  const filled = Object.entries({ ...values, cursor }).filter(([, value]) => value);
  try {
    return { filter: parseAuditQuery(Object.fromEntries(filled)) };
  } catch (error) {
    if (error instanceof AppError) return { errors: { "": Object.values(formErrorsOf(error)).join(" ") } };
    throw error;
  }
}

const toRow = (record: AuditRecord): AuditRow => ({
  at: record.at,
  title: displayNameOf(record.action),
  actor: record.actor?.name ?? record.via,
  via: record.via,
  subjectId: record.subjectId,
  address: record.address,
  userAgent: record.userAgent,
  change: record.change,
});
