import { z } from "zod";

const count = z.number().int().min(0).max(1_000_000_000).catch(0).default(0);
const ms = z.number().min(0).max(1e12).optional().catch(undefined);
const word = z.string().max(500).optional().catch(undefined);
const code = z
  .union([z.string().max(500), z.number()])
  .optional()
  .catch(undefined);

/** One request of the report; what it says of bodies and headers is not kept. */
const executed = z.looseObject({
  error: z.unknown(),
  response: z
    .looseObject({ code: z.number().catch(0), time: ms })
    .optional()
    .catch(undefined),
});

/** Where a program ran, as far as it tells; ours, Postman's programs tell the branch only. */
const ciFacts = {
  branch: word,
  commitSha: word,
  repoName: word,
  repoOwner: word,
  repoUrl: word,
  provider: word,
  workflowName: word,
  workflowId: word,
  jobName: word,
  jobId: word,
  pipelineId: word,
  pipelineNumber: code,
  runAttempt: code,
  actor: word,
  cliVersion: word,
};

/**
 * Body of `POST /collectionruns` as Postman's MCP server and CLI send it. Only what cannot be done without is required:
 * a report is refused in silence, because its sender answers before it reports.
 */
export const reportBody = z.object({
  collectionRun: z.looseObject({
    id: z.string().max(100).optional(),
    /** Id or uid. */
    collection: z.string().min(1).max(100),
    environment: z.string().max(100).nullish(),
    name: word,
    source: z.string().max(100).default("postman-cli"),
    failedTestCount: count,
    /** Ours: requests that failed, and how the run ended as a whole. */
    failedRequestCount: count,
    outcome: word,
    totalTestCount: count,
    totalRequests: count,
    totalTime: ms,
    /** Epoch in ms, or ISO. */
    startedAt: z.union([z.number(), z.string().max(100)]).optional(),
    iterations: z.array(z.array(executed)).catch([]).default([]),
    ...ciFacts,
  }),
});
export type Report = z.infer<typeof reportBody>["collectionRun"];

export interface ReportSummary {
  status: "passed" | "failed";
  /** Epoch in ms; undefined = not told, or no such instant. */
  startedAtMs: number | undefined;
  durationMs: number;
  requestsTotal: number;
  requestsFailed: number;
  assertionsTotal: number;
  assertionsFailed: number;
  responseMsMin: number | null;
  responseMsMax: number | null;
  ci: Record<string, string | number>;
}

/** What is kept of a report. */
export function summarize(report: Report): ReportSummary {
  const requests = report.iterations.flat();
  const withError = requests.filter(({ error }) => error !== null && error !== undefined).length;
  const requestsFailed = Math.max(withError, report.failedRequestCount);
  const isBad = report.outcome !== undefined && report.outcome !== "passed";
  const times = requests.flatMap(({ response }) => (response?.time === undefined ? [] : [response.time]));
  return {
    status: isBad || report.failedTestCount > 0 || requestsFailed > 0 ? "failed" : "passed",
    startedAtMs: instantOf(report.startedAt),
    durationMs: report.totalTime ?? 0,
    requestsTotal: Math.max(report.totalRequests, requests.length),
    requestsFailed,
    assertionsTotal: Math.max(report.totalTestCount, report.failedTestCount),
    assertionsFailed: report.failedTestCount,
    responseMsMin: times.length === 0 ? null : times.reduce((least, time) => Math.min(least, time)),
    responseMsMax: times.length === 0 ? null : times.reduce((most, time) => Math.max(most, time)),
    ci: Object.fromEntries(
      Object.keys(ciFacts).flatMap((name) => {
        const value = report[name];
        const isTold = typeof value === "number" || (typeof value === "string" && value !== "");
        return isTold ? [[name, typeof value === "string" ? value.replaceAll("\0", "") : value]] : [];
      }),
    ),
  };
}

const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2200, 0, 1);

function instantOf(value: number | string | undefined): number | undefined {
  const epochMs = typeof value === "string" ? Date.parse(value) : (value ?? Number.NaN);
  return epochMs > EARLIEST_MS && epochMs < LATEST_MS ? epochMs : undefined;
}
