import type { Database } from "../../db/connect.ts";
import type { Deps } from "../access/context.ts";
import { loadCollectionForRun } from "../collections/store.ts";
import type { Assignment } from "../contract/runner.ts";
import { loadGlobalsForRun } from "../environments/globals-store.ts";
import { loadEnvironmentForRun } from "../environments/store.ts";
import { toError } from "../lib/errors.ts";
import { sealToPublicKey } from "../lib/seal.ts";
import { loadInput } from "./execution-input.ts";
import { endRun, lockRun } from "./finish.ts";
import type { ClaimedRun } from "./queue.ts";
import { runLimits } from "./run.ts";

type AssignmentDeps = Pick<Deps, "database" | "secretBox" | "log" | "leaseSeconds">;

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
        return toAssignment(run, await documents.of(run), deps.leaseSeconds);
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
function createDocumentCache({ database, secretBox }: AssignmentDeps, publicKey: string) {
  const collections = new Map<string, Promise<Record<string, unknown>>>();
  /** By the id of an environment, or of the workspace of globals. */
  const sealed = new Map<string, Promise<string>>();
  /** By the id of an execution. */
  const inputs = new Map<string, Promise<string>>();

  const loadCollection = async (id: string) => {
    const collection = await loadCollectionForRun(database, id);
    if (!collection) throw new Error(`collection ${id} is gone`);
    return collection.document;
  };
  const sealEnvironment = async (environmentId: string) => {
    const environment = await loadEnvironmentForRun(database, secretBox, environmentId);
    if (!environment) throw new Error(`environment ${environmentId} is gone`);
    const { id, name, values } = environment;
    return sealToPublicKey(publicKey, JSON.stringify({ id, name, values }));
  };
  const sealGlobals = async (workspaceId: string) => {
    const values = await loadGlobalsForRun(database, secretBox, workspaceId);
    return sealToPublicKey(publicKey, JSON.stringify({ values }));
  };
  const sealInput = async (executionId: string) =>
    sealToPublicKey(publicKey, JSON.stringify(await loadInput(database, secretBox, executionId)));
  return {
    of: async (run: ClaimedRun): Promise<Documents> => {
      const { collectionId, environmentId, executionId, globalsOf, hasInput } = run;
      const [collection, environment, globals, input] = await Promise.all([
        remember(collections, collectionId, () => loadCollection(collectionId)),
        environmentId && remember(sealed, environmentId, () => sealEnvironment(environmentId)),
        globalsOf && remember(sealed, globalsOf, () => sealGlobals(globalsOf)),
        hasInput && remember(inputs, executionId, () => sealInput(executionId)),
      ]);
      return {
        collection,
        ...(environment && { sealedEnvironment: environment }),
        ...(globals && { sealedGlobals: globals }),
        ...(input && { sealedData: input }),
      };
    },
  };
}

type Documents = Pick<Assignment, "collection" | "sealedEnvironment" | "sealedGlobals" | "sealedData">;

function remember<T>(cache: Map<string, Promise<T>>, key: string, load: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const loading = load();
  cache.set(key, loading);
  return loading;
}

function toAssignment(
  run: ClaimedRun,
  documents: Documents,
  leaseSeconds: number = runLimits.leaseSeconds,
): Assignment {
  const { options } = run;
  return {
    runId: run.runId,
    executionId: run.executionId,
    monitorId: run.monitorId,
    monitorName: run.monitorName,
    attempt: run.attempt,
    leaseSeconds,
    ...(run.rerunsWhenLost && { rerunsWhenLost: true }),
    queuedMs: run.queuedMs,
    ...documents,
    options: {
      requestTimeoutMs: options.requestTimeout ?? 0,
      scriptTimeoutMs: options.scriptTimeout,
      runTimeoutMs: options.runTimeout,
      requestDelayMs: options.requestDelay,
      followRedirects: options.followRedirects,
      strictSsl: options.strictSSL,
      keepRequests: run.keepRequests,
      keepResponses: run.keepResponses,
    },
  };
}

const refuseRun = (database: Database, { runId, attempt }: ClaimedRun) =>
  database.sql.begin(async (tx) => {
    const run = await lockRun(tx, runId);
    if (run?.status !== "leased" || run.attempt !== attempt) return;
    const detail =
      "The control plane could not read the collection, the environment, the globals or the input; its log has the cause.";
    await endRun(tx, run, { outcome: "errored", reason: "internal", detail, durationMs: null });
  });
