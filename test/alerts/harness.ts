import type { Database } from "../../db/connect.ts";
import type { Actor, Deps } from "../../src/access/context.ts";
import { type Rule, ruleInput } from "../../src/alerts/alert.ts";
import type { ChannelConfig } from "../../src/alerts/channel.ts";
import { createChannel } from "../../src/alerts/channels-store.ts";
import { evaluateSignals } from "../../src/alerts/evaluate.ts";
import type { AlertMessage } from "../../src/alerts/message.ts";
import { createRule } from "../../src/alerts/rules-store.ts";
import type { Outcome, RunEvent } from "../../src/contract/events.ts";
import { createEventStore } from "../../src/runs/ingest.ts";
import { eventsOf, testDeps } from "../runs/harness.ts";
import { testDatabase } from "../support/database.ts";
import { createMake } from "../support/make.ts";

/** How a run ends: by what its runner reports, or by the server (`no_runner`, `runner_lost`). */
export type End = "passed" | "failed" | "cancelled" | "script_error" | "no_runner" | "runner_lost";

export interface AlertHarness {
  database: Database;
  deps: Deps;
  make: ReturnType<typeof createMake>;
  actor: Actor;
  workspaceId: string;
  newMonitor: (row?: Record<string, unknown>) => Promise<{ id: string; name: string; runnerIds: string[] }>;
  newChannel: (config?: ChannelConfig) => Promise<string>;
  newRule: (rule: Record<string, unknown>) => Promise<Rule>;
  /** Ends an execution with one run per given end, through the doors that runners use. Returns its runs. */
  end: (
    monitorId: string,
    ends: End | End[],
    options?: { at?: Date; events?: RunEvent[] },
  ) => Promise<string[]>;
  /** Begins one that ends later. */
  begin: (monitorId: string) => Promise<{ end: (how: End) => Promise<void> }>;
  evaluate: () => Promise<void>;
  /** What was queued for a monitor, in order: event, condition and status. */
  told: (monitorId: string) => Promise<string[]>;
  messages: (monitorId: string) => Promise<AlertMessage[]>;
}

export async function alertHarness(given?: Database): Promise<AlertHarness> {
  const database = given ?? (await testDatabase());
  const { sql } = database;
  const deps = testDeps(database);
  const make = createMake(database);
  const store = createEventStore(database);
  const user = await make.user({ role: "admin" });
  const actor: Actor = {
    userId: user.id,
    email: user.email,
    name: user.name,
    role: "admin",
    via: "session",
    scopes: null,
  };
  const workspace = await make.workspace({ createdBy: user.id });
  const runner = await make.runner({ name: "Berlin" });

  const start = async (monitorId: string, count: number, at?: Date) => {
    const execution = await make.execution({ monitorId, ...(at && { createdAt: at }) });
    return await Promise.all(
      Array.from({ length: count }, () =>
        make.run({
          monitorId,
          executionId: execution.id,
          status: "leased",
          attempt: 1,
          runnerId: runner.id,
          claimedAt: new Date(),
          leaseExpiresAt: new Date(Date.now() + 60_000),
        }),
      ),
    );
  };
  const finish = (runId: string, how: End, events = reportOf(how)) =>
    store({ runId, runnerId: runner.id, attempt: 1, events });

  return {
    database,
    deps,
    make,
    actor,
    workspaceId: workspace.id,
    newMonitor: async (row = {}) => {
      const made = await make.monitor({ workspaceId: workspace.id, ownerId: user.id, ...row });
      return { ...made, runnerIds: [runner.id] };
    },
    newChannel: async (config = { kind: "webhook", url: "http://127.0.0.1:1/" }) =>
      (await createChannel(deps, actor, { workspaceId: workspace.id, name: "Channel", active: true, config }))
        .id,
    newRule: (rule) => createRule(database, actor, workspace.id, ruleInput.parse(rule)),
    end: async (monitorId, ends, { at, events } = {}) => {
      const all = [ends].flat();
      const runs = await start(monitorId, all.length, at);
      for (const [index, run] of runs.entries()) await finish(run.id, all[index] ?? "passed", events);
      return runs.map(({ id }) => id);
    },
    begin: async (monitorId) => {
      const [run] = await start(monitorId, 1);
      return {
        end: async (how) => {
          await finish(run?.id ?? "", how);
        },
      };
    },
    evaluate: async () => {
      const failures: unknown[] = [];
      const options = { skip: () => false, failed: (_: string, error: unknown) => void failures.push(error) };
      while ((await evaluateSignals(deps, options)) > 0);
      if (failures.length > 0) throw failures[0];
    },
    told: async (monitorId) =>
      (
        await sql<{ line: string }[]>`
          select concat_ws(' ', kind, condition, nullif(status, 'pending')) as line
            from alert_deliveries where monitor_id = ${monitorId} order by position`
      ).map(({ line }) => line),
    messages: async (monitorId) =>
      (
        await sql<{ message: AlertMessage }[]>`
          select message from alert_deliveries where monitor_id = ${monitorId} order by position`
      ).map(({ message }) => message),
  };
}

/** Another outcome than its steps': what the summary says decides. */
function reportOf(how: End): RunEvent[] {
  if (how === "passed" || how === "failed") return eventsOf(how);
  if (how === "cancelled") return eventsOf("aborted");
  const outcome: Outcome = "errored";
  return eventsOf().map((event) =>
    event.type === "run_finished"
      ? { ...event, summary: { ...event.summary, outcome, reason: how, detail: `It ended by ${how}.` } }
      : event,
  );
}
