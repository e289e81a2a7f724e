import { z } from "zod";

import type { ApiClient } from "./client.ts";
import type { RunReport } from "./report.ts";

const ranOnce = z.object({
  run: z.object({
    info: z.object({ status: z.string() }),
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
  return { outcome: run.info.status, steps };
}
