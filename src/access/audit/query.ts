import { AppError } from "../../lib/errors.ts";
import { badCursor, badQuery } from "../request.ts";
import { isActionName } from "./actions.ts";
import type { AuditCursor, AuditFilter } from "./store.ts";

/** Postman's own limit. */
export const MAX_TRAILS = 300;
const DEFAULT_TRAILS = 50;

/** As they stand in the query; each may be absent. */
export interface AuditQuery {
  userId?: string | undefined;
  action?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  limit?: string | undefined;
  cursor?: string | undefined;
  order_by?: string | undefined;
  orderBy?: string | undefined;
}

/** What a query asks for; 400 that says what is wrong with it. */
export function parseAuditQuery(query: AuditQuery): AuditFilter {
  return {
    userId: wholeNumber("userId", query.userId, { min: 1, max: 2_147_483_647 }),
    action: query.action === undefined ? undefined : parseAction(query.action),
    since: query.since === undefined ? undefined : parseDay("since", query.since, 0),
    // The whole of a day that is named without a time.
    before: query.until === undefined ? undefined : parseDay("until", query.until, 1),
    limit: wholeNumber("limit", query.limit, { min: 1, max: MAX_TRAILS }) ?? DEFAULT_TRAILS,
    after: query.cursor ? parseCursor(query.cursor) : undefined,
    order: parseOrder(query.order_by ?? query.orderBy ?? "desc"),
  };
}

function wholeNumber(
  name: string,
  text: string | undefined,
  { min, max }: { min: number; max: number },
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw badQuery(`Query param ${name} must be a whole number between ${min} and ${max}.`);
}

function parseAction(text: string): string {
  if (isActionName(text)) return text;
  throw new AppError(
    "bad_request",
    "Invalid audit action format. Expected format: prefix.action_name (e.g., user.login).",
    { name: "InvalidAuditAction" },
  );
}

const DAY_MS = 86_400_000;

/** `2026-05-02`, or an instant with a zone. `until` is inclusive, so a day ends a day later and an instant a ms. */
function parseDay(name: string, text: string, inclusive: 0 | 1): Date {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const ms = isDay || isInstant ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(ms)) return new Date(ms + inclusive * (isDay ? DAY_MS : 1));
  throw badQuery(`Query param ${name} must be a date such as 2026-05-02 or 2026-05-02T10:00:00Z.`);
}

function parseOrder(text: string): "asc" | "desc" {
  if (text === "asc" || text === "desc") return text;
  throw badQuery("Query param order_by must be one of: asc, desc");
}

/** Opaque to clients. */
export const encodeAuditCursor = ({ at, id }: AuditCursor): string =>
  Buffer.from(`${at} ${id}`).toString("base64url");

function parseCursor(text: string): AuditCursor {
  const [at = "", id = ""] = Buffer.from(text, "base64url").toString("utf8").split(" ");
  const isPlace =
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(at) &&
    !Number.isNaN(Date.parse(at)) &&
    /^\d{1,15}$/.test(id);
  if (!isPlace) throw badCursor();
  return { at, id: Number(id) };
}
