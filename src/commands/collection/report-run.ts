import { z } from "zod";

import type { RunSummary } from "../../engine/types.ts";
import { systemClock } from "../../lib/clock.ts";
import { readCiFacts } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { bareId } from "../../lib/ids.ts";
import { VERSION } from "../../lib/version.ts";
import { openApi } from "../client/api.ts";
import type { CollectionRunOptions } from "./run-options.ts";

/** Throws `usage` where a report could not be taken: it is about a collection of the control plane. */
export function refuseReportOfFile(fileOrId: string, { report }: CollectionRunOptions): void {
  if (!report || bareId(fileOrId) !== undefined) return;
  throw new AppError(
    "usage",
    "--report needs a collection of the control plane: give its id instead of a file.",
  );
}

/** Tells the control plane how a run went: counts and times, and what the pipeline says of itself. */
export async function reportRun(
  collectionId: string,
  summary: RunSummary,
  options: CollectionRunOptions,
): Promise<void> {
  const { server, sslExtraCaCerts, apiKey = options.postmanApiKey } = options;
  const api = await openApi({
    ...(server !== undefined && { server }),
    ...(apiKey !== undefined && { apiKey }),
    ...(sslExtraCaCerts !== undefined && { sslExtraCaCerts }),
  });
  const environment = bareId(options.environment ?? "");
  const collectionRun = {
    collection: collectionId,
    ...(environment !== undefined && { environment }),
    source: "sallyport",
    cliVersion: VERSION,
    outcome: summary.outcome,
    startedAt: systemClock.now().getTime() - summary.durationMs,
    totalTime: summary.durationMs,
    totalRequests: summary.requestsTotal,
    failedRequestCount: summary.requestsFailed,
    totalTestCount: summary.assertionsTotal,
    failedTestCount: summary.assertionsFailed,
    ...readCiFacts(),
  };
  await api.post("/collectionruns", { collectionRun }, z.unknown());
}
