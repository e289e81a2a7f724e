import type { Database } from "../../../db/connect.ts";
import { toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { type Origin, storableText } from "../caller.ts";
import { type StoredCall, storeCalls } from "./calls-store.ts";

/** One call below `/api`, as it ended. */
export interface KeyCall extends Origin {
  /** Null for a key that nobody knows, and for none at all. */
  keyId: string | null;
  userId: number | null;
  method: string;
  /** `/collections/{id}`; null when no route fits. */
  route: string | null;
  /** Below `/api`, with its query. */
  path: string;
  /** What denied it; null = it was allowed. */
  rule: string | null;
  status: number;
}

/** Collects calls and writes them in batches: no request waits for its record. */
export interface CallLog {
  record(call: KeyCall): void;
  /** Writes what was collected. */
  flush(): Promise<void>;
  /** Writes what is left, once. */
  stop(): Promise<void>;
}

const INTERVAL_MS = 500;
const BATCH = 1_000;
/** While the database is away; more are counted, not kept. About 10 MB. */
const MAX_KEPT = 20_000;
const MAX_PATH = 1_000;

export function startCallLog({ database, log }: { database: Database; log: Log }): CallLog {
  let kept: Collected[] = [];
  let dropped = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let writing: Promise<void> | undefined;

  const writeAll = async (): Promise<void> => {
    while (kept.length > 0) {
      const batch = kept.slice(0, BATCH);
      await storeCalls(database, batch.map(withAge));
      kept = kept.slice(batch.length);
    }
    if (dropped > 0) log.error("calls of API keys were not recorded", { calls: dropped });
    dropped = 0;
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    await writing;
    writing = writeAll()
      // They stay, and the next turn tries again.
      .catch((error: unknown) => {
        log.warn("calls of API keys wait for the database", {
          calls: kept.length,
          error: toError(error).message,
        });
        wait();
      })
      .finally(() => {
        writing = undefined;
      });
    await writing;
  };

  const wait = (): void => {
    timer ??= setTimeout(() => void flush(), INTERVAL_MS);
    timer.unref();
  };

  return {
    record(call) {
      if (kept.length >= MAX_KEPT) {
        dropped++;
        return;
      }
      kept.push({ call: { ...call, path: withoutSecrets(call.path) }, at: performance.now() });
      wait();
    },
    flush,
    async stop() {
      await flush();
      clearTimeout(timer);
      if (kept.length > 0) log.error("calls of API keys were not recorded", { calls: kept.length });
    },
  };
}

interface Collected {
  call: KeyCall;
  /** Of `performance.now`: the database knows the time, we know how long ago it was. */
  at: number;
}

const withAge = ({ call, at }: Collected): StoredCall => ({ ...call, ageMs: performance.now() - at });

const SECRET_NAMES = /key|token|secret|password|signature|auth/i;
const API_KEY = /PM(AK|AT)-[\w-]+/g;

/** A path as it may be stored: of parameters that look like secrets the name only. */
export function withoutSecrets(path: string): string {
  const [pathname = "", ...rest] = storableText(path, MAX_PATH).split("?");
  const query = rest.join("?");
  const parameters = query.split("&").map((parameter) => {
    const [name = ""] = parameter.split("=");
    return SECRET_NAMES.test(name) ? `${name}=***` : parameter;
  });
  return (query === "" ? pathname : `${pathname}?${parameters.join("&")}`).replaceAll(API_KEY, "***");
}
