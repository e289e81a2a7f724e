import { z } from "zod";

import type { ApiClient } from "./client.ts";
import type { RunReport } from "./report.ts";

const ranOnce = z.object({
  run: z.object({
    info: z.object({ status: z.string() }),
    runs: z.array(z.object({ detail: z.string().nullable() })).default([]),
    executions: z.array(
      z.object({
        item: z.object({ name: z.string() }),
        response: z.object({ code: z.number(), responseTime: z.number() }).optional(),
        assertions: z
          .array(
            z.object({
              name: z.string(),
              status: z.string(),
              error: z.object({ message: z.string() }).optional(),
            }),
          )
          .default([]),
        errors: z.array(z.object({ message: z.string() })).default([]),
      }),
    ),
  }),
});

/** The API speaks as Postman does; the pages, and so the demo, say it in our own words. */
const words = new Map([
  ["success", "passed"],
  ["error", "errored"],
]);

/** Fires the monitor and waits for its result. */
export async function runMonitor(
  api: ApiClient,
  monitorId: string,
): Promise<Pick<RunReport, "outcome" | "steps">> {
  const { run } = await api.call("POST", `/monitors/${monitorId}/run?async=false`, ranOnce);
  const steps = run.executions.map(({ item, response, assertions, errors }) => ({
    name: item.name,
    ...(response && { status: response.code, ms: response.responseTime }),
    assertions: assertions.map(({ name, status, error }) => ({
      name,
      passed: status !== "failed",
      ...(error && { message: error.message }),
    })),
    errors: errors.map(({ message }) => message),
  }));
  const outcome = words.get(run.info.status) ?? run.info.status;
  const details = run.runs.flatMap(({ detail }) => detail ?? []);
  return { outcome: [outcome, ...details].join(": "), steps };
}
