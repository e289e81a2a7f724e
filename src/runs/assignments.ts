import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import type { Assignment } from "../contract/runner.ts";
import { toError } from "../lib/errors.ts";
import { sealToPublicKey } from "../lib/seal.ts";
import { loadCollectionForRun, loadEnvironmentForRun } from "./documents.ts";
import { endRun, lockRun } from "./finish.ts";
import type { ClaimedRun } from "./queue.ts";
import { runLimits } from "./run.ts";

type AssignmentDeps = Pick<Deps, "database" | "secretBox" | "log">;

/**
 * Turns claimed runs into what goes to the instance: documents as they are now, environments sealed to its key.
 * A run whose documents cannot be read ends here as `errored`, because no other instance could read them either.
 */
export async function assembleAssignments(
  deps: AssignmentDeps,
  claimed: readonly ClaimedRun[],
  publicKey: string,
): Promise<Assignment[]> {
  const documents = createDocumentCache(deps, publicKey);
  const assembled = await Promise.all(
    claimed.map(async (run) => {
      try {
        return toAssignment(run, await documents.collection(run), await documents.environment(run));
      } catch (error) {
        deps.log.error("assignment failed", { runId: run.runId, error: toError(error).message });
        await refuseRun(deps.database, run);
        return undefined;
      }
    }),
  );
  return assembled.filter((assignment) => assignment !== undefined);
}

/** Runs of one claim often share documents: each is loaded, and sealed, once. */
function createDocumentCache(deps: AssignmentDeps, publicKey: string) {
  const collections = new Map<string, Promise<Record<string, unknown>>>();
  const environments = new Map<string, Promise<string>>();
  return {
    collection: ({ collectionId }: ClaimedRun) =>
      remember(collections, collectionId, () => loadCollectionForRun(deps, collectionId)),
    environment: async ({ environmentId }: ClaimedRun) =>
      environmentId === null
        ? undefined
        : remember(environments, environmentId, async () =>
            sealToPublicKey(publicKey, JSON.stringify(await loadEnvironmentForRun(deps, environmentId))),
          ),
  };
}

function remember<T>(cache: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const loading = load();
  cache.set(key, loading);
  return loading;
}

function toAssignment(
  run: ClaimedRun,
  collection: Record<string, unknown>,
  sealedEnvironment: string | undefined,
): Assignment {
  const { options } = run;
  return {
    runId: run.runId,
    executionId: run.executionId,
    monitorId: run.monitorId,
    monitorName: run.monitorName,
    attempt: run.attempt,
    leaseSeconds: runLimits.leaseSeconds,
    collection,
    ...(sealedEnvironment !== undefined && { sealedEnvironment }),
    options: {
      requestTimeoutMs: options.requestTimeout ?? 0,
      scriptTimeoutMs: options.scriptTimeout,
      runTimeoutMs: options.runTimeout,
      requestDelayMs: options.requestDelay,
      followRedirects: options.followRedirects,
      strictSsl: options.strictSSL,
    },
  };
}

const refuseRun = (database: Database, { runId, attempt }: ClaimedRun) =>
  database.sql.begin(async (tx) => {
    const run = await lockRun(tx, runId);
    if (run?.status !== "leased" || run.attempt !== attempt) return;
    const detail =
      "The control plane could not read the collection or the environment; its log has the cause.";
    await endRun(tx, run, { outcome: "errored", reason: "internal", detail, durationMs: null });
  });
