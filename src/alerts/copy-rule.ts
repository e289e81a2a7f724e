import type { Database } from "../../db/connect.ts";
import type { Actor } from "../access/context.ts";
import { type Rule, ruleInput } from "./alert.ts";
import { createRule, listRules } from "./rules-store.ts";

/**
 * A rule of its own for each of the monitors, all of them or none; those that have the same rule already are passed over. 403
 * without the right, 400 for a monitor of another workspace.
 */
export async function copyRule(
  database: Database,
  actor: Actor,
  rule: Rule,
  monitorIds: readonly string[],
): Promise<Rule[]> {
  const input = ruleInput.parse(rule);
  const own = await listRules(database, actor, { workspaceId: rule.workspaceId });
  const has = new Set(own.map((other) => keyOf(ruleInput.parse(other))));
  const wanted = [...new Set(monitorIds.map((id) => id.toLowerCase()))]
    .map((monitorId) => ({ ...input, monitorId }))
    .filter((copy) => !has.has(keyOf(copy)));
  return await database.db.transaction(async (tx) => {
    // A transaction inside of another is a savepoint.
    const within: Database = { ...database, db: tx };
    const made: Rule[] = [];
    for (const copy of wanted) made.push(await createRule(within, actor, rule.workspaceId, copy));
    return made;
  });
}

const keyOf = (rule: ReturnType<typeof ruleInput.parse>): string =>
  JSON.stringify({ ...rule, channelIds: rule.channelIds.toSorted() });
