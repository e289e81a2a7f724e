import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { itemNotFound, reachCollection } from "../collections/reach.ts";
import { bareId, isUuid, newId } from "../lib/ids.ts";
import { reportBody, summarize } from "./ci-report.ts";
import { storeCiRun } from "./ci-runs-store.ts";
import { readBody } from "./problem-request.ts";
import { findEnvironmentIn } from "./services-store.ts";

/** `POST /collectionruns`: what Postman's MCP server and command lines report of runs that they did themselves. */
export function collectionRunsApi({ database }: Deps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.post(
    "/collectionruns",
    documented({
      summary: "Report a run of a collection that was done elsewhere",
      tag: "Runs",
      description:
        "Counts and times are kept and listed among the CI runs of the API catalog; requests and answers are not.",
      body: reportBody,
      answer: z.object({ collectionRun: z.object({ id: z.string(), status: z.enum(["passed", "failed"]) }) }),
    }),
    async (c) => {
      const { collectionRun: report } = await readBody(c, reportBody);
      const wanted = { asked: report.collection, role: "editor", notFound: itemNotFound } as const;
      const collection = await reachCollection(database, c.get("actor"), wanted);
      const { workspaceId } = collection;
      const environmentId = await findEnvironmentIn(database, workspaceId, bareId(report.environment ?? ""));
      const id = report.id !== undefined && isUuid(report.id) ? report.id.toLowerCase() : newId();
      const summary = summarize(report);
      const { source } = report;
      const where = {
        id,
        workspaceId,
        collectionId: collection.id,
        environmentId: environmentId ?? null,
        source,
      };
      await storeCiRun(database, c.get("actor"), { ...summary, ...where });
      return c.json({ collectionRun: { id, status: summary.status } });
    },
  );

  return routes;
}
