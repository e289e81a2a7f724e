import type { Database } from "../../db/connect.ts";
import type { MuteInForce, Telling } from "../../web/parts/telling.tsx";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { SecretBox } from "../lib/seal.ts";
import type { Origin } from "./caller.ts";
import type { Standing } from "./limits/limiter.ts";

/** Who is acting, after authentication. */
export interface Actor {
  userId: number;
  email: string;
  name: string;
  role: "admin" | "member";
  via: "session" | "api_key" | "oauth" | "cli" | "system";
  /** Of a narrowed API key: `<area>:read`, `<area>:write`; null = all that the user may do. */
  scopes: string[] | null;
  /** The API key that was used. */
  keyId?: string;
  /** Absent for what no request asked for. */
  origin?: Origin;
}

/** What every feature of the control plane is given; nothing reads globals. */
export interface Deps {
  database: Database;
  clock: Clock;
  log: Log;
  /** Encrypts secret values at rest. */
  secretBox: SecretBox;
  /** How people and runners reach this control plane, without a trailing slash. */
  publicUrl: string;
  /** How long a runner may be silent before its runs are lost; default: `runLimits.leaseSeconds`. */
  leaseSeconds?: number;
  /** Whom to tell before monitors are deleted; absent = nobody. */
  beforeDeletion?: BeforeDeletion;
  /** Aborts when the server begins to stop: long polls answer at once. */
  stopping: AbortSignal;
}

/** Monitors that are about to be deleted: one, or all that go with their collection or workspace. */
export type Doomed = { monitorId: string } | { collectionId: string } | { workspaceId: string };

/** Runs first in the transaction that deletes. Parts above the monitors end there what they know of them. */
export type BeforeDeletion = (
  tx: Parameters<Parameters<Database["db"]["transaction"]>[0]>[0],
  actor: Actor,
  doomed: Doomed,
) => Promise<void>;

/** What a file of another format becomes. */
export interface ConvertedFile {
  documents: {
    kind: "collection" | "environment" | "globals";
    name: string;
    /** A collection is v2.1. */
    content: Record<string, unknown>;
  }[];
  /** What could not be kept, one sentence each. */
  warnings: string[];
}

/** Reads a file of any format. Throws `AppError` for what is none, or broken. */
export type ConvertFile = (bytes: Uint8Array, name: string) => Promise<ConvertedFile>;

/** Something of a collection that will not behave as in Postman. */
export interface CompatibilityFinding {
  level: "unsupported" | "different";
  /** Folder names and the request; empty for the collection itself. */
  where: string;
  /** One sentence. */
  what: string;
}

/** What of a collection will not behave as in Postman. */
export type CheckCollection = (document: Record<string, unknown>) => Promise<CompatibilityFinding[]>;

/** What the pages that show how monitors do are handed, because they know nothing of alerts. */
export interface AlertReaders {
  /** Of those monitors of which nobody is told now. */
  readMutes: (monitorIds: readonly string[]) => Promise<ReadonlyMap<string, MuteInForce>>;
  /** Whether anybody hears of a monitor. */
  readTelling: (monitorId: string) => Promise<Telling>;
}

/** Reads the document at a URL that a person typed. Throws `AppError` that says why it cannot be had. */
export type FetchDocument = (url: string) => Promise<{ bytes: Uint8Array; name: string }>;

/** Work on a specification that is too large for the process that answers. `files` are texts by path. */
export type SpecJob =
  /** A collection of an OpenAPI document; `options` as Postman has them. */
  | { action: "collection"; root: string; files: Record<string, string>; options: Record<string, unknown> }
  /** One text of several files. */
  | { action: "bundle"; root: string; files: Record<string, string> }
  /** OpenAPI of a collection; with `base`, what that document lacks is added to it, in its own format. */
  | {
      action: "openapi";
      collection: Record<string, unknown>;
      version: "2.0" | "3.0" | "3.1";
      format: "json" | "yaml";
      base?: { text: string; dropOrphans: boolean };
    };

export interface SpecResult {
  collection?: Record<string, unknown> | undefined;
  text?: string | undefined;
  /** What could not be kept, one sentence each. */
  warnings: string[];
}

/** Throws `AppError` for what is broken. */
export type ConvertSpec = (job: SpecJob) => Promise<SpecResult>;

/** Hono environment of authenticated routes. */
export interface AppEnv {
  Variables: {
    actor: Actor;
    requestId: string;
    csrfToken: string;
    /** How the caller's limits stand; of the API only. */
    standings: readonly Standing[];
  };
}
