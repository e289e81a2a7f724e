import type { Shell } from "../../web/layout.tsx";
import type { FiringRow } from "../../web/pages/alerts.tsx";
import type { Deps } from "../access/context.ts";
import { isReadOnly } from "../workspaces/pages-shell.ts";
import type { AlertState, Rule } from "./alert.ts";
import { type Silence, silenceOf } from "./mutes.ts";
import { fleetTitles, nameOfRule, runnerTitle, titleOf } from "./words.ts";

/** What fires, as the page of alerts shows it; one statement for each kind of name. */
export async function firingRows(
  { database }: Pick<Deps, "database">,
  { states, shell }: { states: AlertState[]; shell: Shell },
): Promise<FiringRow[]> {
  const runnerIds = states.map(({ runnerId }) => runnerId).filter((id) => id !== null);
  const [silences, runnerNames, ruleNames] = await Promise.all([
    silenceOf(database.sql, states),
    namesOfRunners(database, runnerIds),
    namesOfRules(
      database,
      states.map(({ ruleId }) => ruleId),
    ),
  ]);
  return states.map((state) => {
    return {
      title: titleOfState(state, runnerNames),
      href: hrefOfState(state),
      since: state.since,
      sent: state.sent,
      lastSentAt: state.lastSentAt,
      ...ruleOf(state, ruleNames),
      monitorId: state.monitorId ?? undefined,
      silence: wordsOfSilence(silences.get(keyOf(state))),
      mayMute: !isReadOnly(shell, state.workspaceId),
    };
  });
}

function ruleOf({ ruleId }: AlertState, names: ReadonlyMap<string, string>) {
  const name = names.get(ruleId);
  return name === undefined
    ? { ruleName: "E-mail addresses of the monitor", ruleId: undefined }
    : { ruleName: `Rule: ${name}`, ruleId };
}

const keyOf = ({ monitorId, ruleId }: { monitorId: string | null; ruleId: string }) =>
  `${monitorId} ${ruleId}`;

function titleOfState(state: AlertState, runnerNames: ReadonlyMap<string, string>): string {
  const { condition, monitorName, runnerId } = state;
  if (condition === "runner" && runnerId === null) return fleetTitles.firing(monitorName ?? "this workspace");
  if (condition === "runner")
    return titleOf("firing", "runner", runnerTitle(runnerNames.get(runnerId ?? "") ?? ""));
  return titleOf("firing", condition, monitorName ?? "A monitor");
}

function hrefOfState({ openedByRunId, monitorId, runnerId }: AlertState): string | undefined {
  if (openedByRunId !== null) return `/runs/${openedByRunId}`;
  if (runnerId !== null) return `/runners/${runnerId}`;
  return monitorId === null ? undefined : `/monitors/${monitorId}`;
}

function wordsOfSilence(silence: Silence | undefined): string | undefined {
  if (!silence) return undefined;
  return silence.kind === "maintenance" ? `silent: ${silence.reason}` : `muted by ${silence.by}`;
}

async function namesOfRunners(
  { sql }: Deps["database"],
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<{ id: string; name: string }[]>`
    select id, name from runners where id = any(${sql.array([...ids])}::uuid[])`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function namesOfRules({ sql }: Deps["database"], ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql<Pick<Rule, "id" | "name" | "everyFailure" | "inARow" | "onFailure">[]>`
    select id, name, every_failure as "everyFailure", in_a_row as "inARow", on_failure as "onFailure"
      from alert_rules where id = any(${sql.array([...ids])}::uuid[])`;
  return new Map(rows.map((rule) => [rule.id, nameOfRule(rule)]));
}

/** Whether anything is watched at all, in one workspace or anywhere. */
export async function isAnyRule(
  { sql }: Deps["database"],
  workspaceId: string | undefined,
): Promise<boolean> {
  const rows = await sql`
    select 1 from alert_rules
     where ${workspaceId === undefined ? sql`true` : sql`workspace_id = ${workspaceId}`} limit 1`;
  return rows.length > 0;
}
