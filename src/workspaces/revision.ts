import type { ChangedThrough } from "../../db/schema.ts";
import type { Actor } from "../access/context.ts";
import { APPLY_USER_AGENT } from "../lib/api-client.ts";

/** What is told of a change beside who makes it. */
export interface ChangeNote {
  /** Absent = as the actor came: by a page or by the API. */
  through?: ChangedThrough;
  /** In a person's words. */
  message?: string | undefined;
}

/** Longest note that somebody may leave, in characters. */
export const MAX_MESSAGE_CHARS = 500;

/** The columns by which a document says how its current revision came; a trigger keeps them with what it replaces. */
export const noteColumns = (
  actor: Actor,
  { through, message }: ChangeNote = {},
): { changedThrough: ChangedThrough; changeMessage: string | null } => ({
  changedThrough: through ?? throughOf(actor),
  changeMessage: message === undefined || message === "" ? null : message,
});

function throughOf({ via, origin }: Actor): ChangedThrough {
  if (via === "session") return "page";
  if (via === "system") return "system";
  return origin?.userAgent === APPLY_USER_AGENT ? "apply" : "api";
}

/** One revision of a document, without the document. */
export interface RevisionHead {
  revision: number;
  name: string;
  /** When it became the newest. */
  changedAt: Date;
  /** Undefined when it was not kept, or the person is gone. */
  changedBy: { id: number; name: string } | undefined;
  /** Null for what is older than revisions. */
  through: ChangedThrough | null;
  message: string | null;
  isCurrent: boolean;
}

/** As the API answers it. */
export const revisionEntry = ({ changedAt, changedBy, ...head }: RevisionHead) => ({
  ...head,
  changedAt: changedAt.toISOString(),
  changedBy: changedBy ?? null,
});
