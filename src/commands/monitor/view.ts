import type { Command } from "commander";
import { z } from "zod";

import { openApi, withClientOptions, type ClientOptions } from "../client/api.ts";
import { resolveId } from "../client/resolve.ts";
import { formatInstant, formatTable } from "../client/table.ts";
import type { CommandContext } from "../context.ts";
import { listMonitors, resolveMonitor } from "./find.ts";
import { outcomeOf } from "./outcome.ts";

const counts = z.looseObject({ total: z.number(), failed: z.number().optional() });
const stats = z.looseObject({ assertions: counts, requests: counts });
const monitor = z.looseObject({
  id: z.string(),
  name: z.string(),
  active: z.boolean(),
  collectionUid: z.string(),
  environmentUid: z.string().optional(),
  distribution: z.array(z.looseObject({ runner: z.string(), name: z.string().optional() })),
  schedule: z
    .looseObject({ cron: z.string(), timezone: z.string(), nextRun: z.string().nullable() })
    .optional(),
  retry: z.looseObject({ attempts: z.number() }).optional(),
  rerunLost: z.boolean().optional(),
  options: z
    .looseObject({
      keepRequests: z.string(),
      keepResponses: z.string(),
      keepDays: z.number(),
      keepRunDays: z.number(),
    })
    .partial()
    .optional(),
  folder: z.string().optional(),
  tags: z.array(z.string()).optional(),
  lastRun: z.looseObject({ status: z.string(), finishedAt: z.string(), stats }).optional(),
});
const one = z.looseObject({ monitor });
const executions = z.looseObject({
  executions: z.array(
    z.looseObject({
      id: z.string(),
      state: z.string(),
      trigger: z.string(),
      results: stats,
      startedAt: z.string(),
    }),
  ),
  meta: z.looseObject({ nextCursor: z.string() }),
});

/** `monitor list|show|runs`, through the API. */
export function defineViews(parent: Command, { print }: CommandContext): void {
  const command = (usage: string, description: string) =>
    withClientOptions(parent.command(usage).description(description));

  command("list", "list monitors")
    .option("-w, --workspace <id or name>", "only of this workspace")
    .action(async (options: ClientOptions & { workspace?: string }) => {
      const api = await openApi(options);
      const workspace = options.workspace && (await resolveId(api, "workspace", options.workspace));
      const monitors = await listMonitors(api, workspace ? { workspace } : {});
      if (options.json) return print(JSON.stringify({ monitors }));
      const rows = monitors.map(({ id, name, active }) => [id, name, active ? "active" : "paused"]);
      print(formatTable([["ID", "NAME", "SCHEDULE"], ...rows]));
    });

  command("show <monitor>", "show a monitor and how its last run went").action(
    async (idOrName: string, options: ClientOptions) => {
      const api = await openApi(options);
      const answer = await api.get(`/monitors/${await resolveMonitor(api, idOrName)}`, one);
      if (options.json) return print(JSON.stringify(answer));
      for (const line of describe(answer.monitor)) print(line);
    },
  );

  command("runs <monitor>", "list the last executions")
    .option("--cursor <cursor>", "the next page")
    .action(async (idOrName: string, options: ClientOptions & { cursor?: string }) => {
      const api = await openApi(options);
      const query = options.cursor ? `?cursor=${encodeURIComponent(options.cursor)}` : "";
      const id = await resolveMonitor(api, idOrName);
      const page = await api.get(`/monitors/${id}/executions${query}`, executions);
      if (options.json) return print(JSON.stringify(page));
      const rows = page.executions.map(({ id, state, trigger, results, startedAt }) => [
        id,
        outcomeOf(state) ?? state,
        trigger,
        formatInstant(startedAt),
        `${results.requests.total} requests`,
        `${results.assertions.failed ?? 0} of ${results.assertions.total} assertions failed`,
      ]);
      print(formatTable([["EXECUTION", "OUTCOME", "TRIGGER", "STARTED", "", ""], ...rows]));
      if (page.meta.nextCursor) print(`more: --cursor ${page.meta.nextCursor}`);
    });
}

function describe(shown: z.infer<typeof monitor>): string[] {
  const { schedule, lastRun } = shown;
  const runners = shown.distribution.map(({ runner, name }) => name ?? runner).join(", ");
  return [
    `${shown.name} (${shown.id})`,
    `collection:  ${shown.collectionUid}`,
    ...(shown.environmentUid ? [`environment: ${shown.environmentUid}`] : []),
    `runners:     ${runners || "any healthy one"}`,
    // The API puts the seconds of Postman's schedules first.
    `schedule:    ${schedule ? `${schedule.cron.replace(/^0 /, "")} ${schedule.timezone}` : "only when triggered"}`,
    ...(shown.active ? [] : ["             paused"]),
    ...(schedule?.nextRun ? [`next run:    ${formatInstant(schedule.nextRun)}`] : []),
    ...(shown.retry ? [`retries:     ${shown.retry.attempts}`] : []),
    ...(shown.folder ? [`folder:      ${shown.folder}`] : []),
    ...(shown.tags ? [`tags:        ${shown.tags.join(", ")}`] : []),
    ...(shown.rerunLost ? ["lost runs:   run again on another instance"] : []),
    ...keptLines(shown.options),
    lastRun
      ? `last run:    ${outcomeOf(lastRun.status) ?? lastRun.status}, ${formatInstant(lastRun.finishedAt)}, ${lastRun.stats.assertions.failed ?? 0} of ${lastRun.stats.assertions.total} assertions failed`
      : "last run:    none yet",
  ];
}

const stepsOf: Record<string, string> = { failed: "failed steps", all: "all steps", none: "no step" };

/** None for a control plane that does not know it. */
function keptLines(options: z.infer<typeof monitor>["options"]): string[] {
  const { keepRequests = "", keepResponses = "", keepDays, keepRunDays } = options ?? {};
  if (keepDays === undefined) return [];
  return [
    `kept:        requests of ${stepsOf[keepRequests] ?? keepRequests}, responses of ${stepsOf[keepResponses] ?? keepResponses}`,
    `             steps for ${keepDays} days, runs for ${keepRunDays} days`,
  ];
}
