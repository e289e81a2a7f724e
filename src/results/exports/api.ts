import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../../access/context.ts";
import { documented, type EndpointDoc } from "../../access/endpoint.ts";
import { readQuery } from "../../access/request.ts";
import { reachMonitor } from "../reach.ts";
import { fileNameOf, orderOf } from "./request.ts";
import { downloadHeaders, streamOf } from "./stream.ts";
import { type ExportContent, writeExport } from "./write.ts";

const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d/, "must be an instant such as 2026-05-02T10:00:00Z")
  .optional();
const query = z.object({
  format: z.enum(["json", "csv"]).optional(),
  from: instant.describe("From this instant on; without a zone it is UTC"),
  to: instant.describe("Before this instant"),
  range: z.enum(["1h", "24h", "7d", "30d", "90d"]).optional(),
  trigger: z.enum(["scheduled", "manual", "cli", "webhook", "api"]).optional(),
  result: z.enum(["passed", "failed", "errored", "aborted"]).optional(),
  runner: z.uuid().optional().describe("Id of a runner"),
});
const about =
  "All that match, oldest first, streamed: the answer may be large. With `format=csv` it is CSV by RFC 4180 with the same names; texts that a spreadsheet would run as a formula begin with an apostrophe there.";
const monitor = z.object({ id: z.uuid(), name: z.string() });

const docs = {
  runs: {
    summary: "Export the runs of a monitor",
    description: about,
    tag: "Runs",
    query,
    answer: z.object({
      monitor,
      runs: z.array(z.looseObject({ run_id: z.uuid(), queued_at: z.string(), outcome: z.string() })),
    }),
  },
  steps: {
    summary: "Export the requests of the runs of a monitor, with their timings",
    description: `${about} Requests of runs whose steps were deleted are not there any more.`,
    tag: "Runs",
    query,
    answer: z.object({
      monitor,
      steps: z.array(z.looseObject({ run_id: z.uuid(), position: z.int(), name: z.string() })),
    }),
  },
} satisfies Record<ExportContent, EndpointDoc>;

/** `/monitors/{id}/runs` and `/monitors/{id}/steps`: results as JSON or CSV. */
export function exportsApi(deps: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const answer = async (c: Context<AppEnv>, content: ExportContent) => {
    const found = await reachMonitor(c, deps);
    const { format = "json" } = readQuery(c, query);
    const order = orderOf(c, found, { content, format, now: deps.clock.now() });
    const body = streamOf(writeExport(deps.database, order));
    if (order.format === "csv") return c.body(body, 200, downloadHeaders(fileNameOf(order), "text/csv"));
    return c.body(body, 200, { "content-type": "application/json" });
  };

  routes.get("/monitors/:id/runs", documented(docs.runs), (c) => answer(c, "runs"));
  routes.get("/monitors/:id/steps", documented(docs.steps), (c) => answer(c, "steps"));

  return routes;
}
