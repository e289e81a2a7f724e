import type { Deps } from "../access/context.ts";
import { HEALTHY_SECONDS } from "../fleet/runner.ts";
import { toError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";

export const metricsContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Record<string, string>;

interface Family {
  name: string;
  help: string;
  type: "gauge" | "info";
  samples: { value: number; labels?: Labels }[];
}

/** Counting reads all hourly counts and all slots, so scrapers share one answer for this long. */
const COUNTS_VALID_MS = 15_000;

const cachedCounts = new WeakMap<Deps, { at: number; families: Promise<Family[]> }>();

/** Everything about this server and its installation as OpenMetrics text. Never throws: without a database it says so. */
export async function collectMetrics(deps: Deps): Promise<string> {
  const database = await countsOf(deps);
  return formatMetrics([...processFamilies(), ...database]);
}

async function countsOf(deps: Deps): Promise<Family[]> {
  const now = performance.now();
  const cached = cachedCounts.get(deps);
  const fresh = cached && now - cached.at < COUNTS_VALID_MS ? cached : { at: now, families: count(deps) };
  cachedCounts.set(deps, fresh);
  try {
    return [gauge("sallyport_database_up", "Whether the database answers.", 1), ...(await fresh.families)];
  } catch (error) {
    cachedCounts.delete(deps);
    deps.log.warn("metrics without database", { error: toError(error).message });
    return [gauge("sallyport_database_up", "Whether the database answers.", 0)];
  }
}

function processFamilies(): Family[] {
  return [
    {
      name: "sallyport_build",
      help: "The running version.",
      type: "info",
      samples: [{ value: 1, labels: { version: VERSION } }],
    },
    gauge("process_resident_memory_bytes", "Memory of the server process.", process.memoryUsage.rss()),
    gauge("process_uptime_seconds", "Time since the server process started.", process.uptime()),
  ];
}

const gauge = (name: string, help: string, value: number): Family => ({
  name,
  help,
  type: "gauge",
  samples: [{ value }],
});

async function count({ database: { sql } }: Deps): Promise<Family[]> {
  const [open, outcomes, monitors, runners, slots] = await Promise.all([
    // Two statements that partial indexes answer.
    sql<Counted[]>`
      select 'queued' as label, count(*)::int as value from runs where status = 'queued'
      union all select 'leased', count(*)::int from runs where status = 'leased'`,
    sql<Counted[]>`
      select o.label, coalesce(o.value, 0)::float8 as value
        from (select sum(passed) as p, sum(failed) as f, sum(errored) as e, sum(aborted) as a from run_hours) s,
             lateral (values ('passed', s.p), ('failed', s.f), ('errored', s.e), ('aborted', s.a)) o(label, value)`,
    sql<Counted[]>`
      select case when active then 'active' else 'paused' end as label, count(*)::int as value
      from monitors group by active`,
    sql<Counted[]>`
      select case when last_pinged_at is null then 'unknown'
        when last_pinged_at > now() - make_interval(secs => ${HEALTHY_SECONDS}) then 'healthy'
        else 'unhealthy' end as label, count(*)::int as value
      from runners group by 1`,
    sql<Counted[]>`select status as label, count(*)::int as value from slots group by status`,
  ]);
  return [
    counted("sallyport_runs_open", "Runs that wait for a runner or are executed.", "status", open),
    counted("sallyport_runs_finished", "Finished runs that are stored.", "outcome", outcomes, [
      "passed",
      "failed",
      "errored",
      "aborted",
    ]),
    counted("sallyport_monitors", "Monitors.", "state", monitors, ["active", "paused"]),
    counted("sallyport_runners", "Runners by health.", "health", runners, [
      "healthy",
      "unhealthy",
      "unknown",
    ]),
    counted("sallyport_slots", "Due times of schedules by how they ended.", "status", slots, [
      "pending",
      "ran",
      "late",
      "skipped",
      "missed",
      "lost",
    ]),
  ];
}

interface Counted {
  label: string;
  value: number;
}

/** `always`: labels that are there even when nothing has them, so that a graph starts at zero. */
function counted(
  name: string,
  help: string,
  label: string,
  rows: readonly Counted[],
  always: readonly string[] = [],
): Family {
  const values = new Map(always.map((key) => [key, 0]));
  for (const row of rows) values.set(row.label, row.value);
  const samples = [...values].map(([key, value]) => ({ value, labels: { [label]: key } }));
  return { name, help, type: "gauge", samples };
}

/** OpenMetrics 1.0 text. */
export function formatMetrics(families: readonly Family[]): string {
  const lines = families.flatMap(({ name, help, type, samples }) => [
    `# TYPE ${name} ${type}`,
    `# HELP ${name} ${help}`,
    ...samples.map(
      ({ value, labels }) => `${name}${type === "info" ? "_info" : ""}${formatLabels(labels)} ${value}`,
    ),
  ]);
  return `${lines.join("\n")}\n# EOF\n`;
}

function formatLabels(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
