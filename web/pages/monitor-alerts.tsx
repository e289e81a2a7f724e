import type { Child } from "hono/jsx";

import { withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { MonitorHead } from "../parts/monitor-tabs.tsx";
import { type MuteRow, Mutes } from "../parts/mutes.tsx";
import { RuleForm, type RuleFormProps } from "../parts/rule-form.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";

export interface RuleRow {
  id: string;
  name: string;
  /** When it tells, in whole phrases. */
  says: string[];
  channels: { id: string; name: string }[];
  active: boolean;
  /** Watches the whole workspace. */
  isOfWorkspace: boolean;
  /** What of it fires. */
  firing: { since: Date; title: string }[];
}

export interface MonitorAlertsProps {
  shell: Shell;
  monitor: { id: string; name: string; workspaceName: string };
  mayChange: boolean;
  rules: RuleRow[];
  /** That stand in the monitor itself, as in Postman. */
  addresses: string[];
  mutes: MuteRow[];
  maintenance: { name: string; startsAt: Date; endsAt: Date; isOpen: boolean }[];
  form: Omit<RuleFormProps, "shell">;
}

/** Who is told of this monitor, when, and what is silent. */
export const monitorAlertsPage = (props: MonitorAlertsProps) => {
  const { shell, monitor, rules, mutes, mayChange, form } = props;
  const path = `/monitors/${monitor.id}/alerts`;
  return page(
    <Layout title={`Alerts of ${monitor.name}`} shell={shell} section="monitors">
      <MonitorHead monitor={monitor} place="alerts" title="Alerts" />
      <Silence {...props} />
      {mutes.length > 0 && <Mutes rows={mutes} shell={shell} back={path} />}
      {rules.length === 0 ? (
        <EmptyState title="Nobody is told when this monitor fails">
          {form.channels.length === 0 ? (
            <>
              Make a <a href="/alerts/channels">channel</a> first: it says where people are told. Then a rule
              here says when.
            </>
          ) : (
            "A rule says when, and through which channels. The one below is a good beginning."
          )}
        </EmptyState>
      ) : (
        <Rules {...props} />
      )}
      <Addresses {...props} />
      <p class="links-line">
        <a href={withQuery("/alerts", { monitor: monitor.id })}>What was sent about it</a>
        {mayChange && (
          <a href={withQuery("/maintenance/new", { monitor: monitor.id, workspace: form.workspaceId })}>
            Plan maintenance
          </a>
        )}
        {mayChange && <a href={withQuery("/alerts/mute", { monitor: monitor.id })}>Mute this monitor</a>}
      </p>
      {mayChange && form.channels.length > 0 && (
        <section aria-labelledby="new-rule">
          <h2 id="new-rule">{rules.length === 0 ? "First rule" : "Another rule"}</h2>
          <RuleForm shell={shell} {...form} />
        </section>
      )}
    </Layout>,
  );
};

function Silence({ shell, maintenance }: MonitorAlertsProps) {
  if (maintenance.length === 0) return null;
  return (
    <div class="notice">
      <ul class="plain">
        {maintenance.map((period) => (
          <li>
            <a href="/maintenance">{period.name}</a>
            {period.isOpen ? " is open until " : " opens "}
            <Time at={period.isOpen ? period.endsAt : period.startsAt} now={shell.now} show="both" />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Rules({ shell, rules, mayChange }: MonitorAlertsProps) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Rule</th>
          <th scope="col">Tells</th>
          <th scope="col">Through</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rules.map((rule) => (
          <tr class={rule.firing.length > 0 ? "tone-fail" : undefined}>
            <td class="state">
              <RuleState rule={rule} />
            </td>
            <td class="name">
              {mayChange ? <a href={`/alerts/rules/${rule.id}`}>{rule.name}</a> : rule.name}
              {rule.isOfWorkspace && <span class="sub">of the whole workspace</span>}
              {rule.firing.map(({ since, title }) => (
                <span class="sub">
                  {title}, <Time at={since} now={shell.now} />
                </span>
              ))}
            </td>
            <td data-label="Tells" class="long">
              {joined(rule.says)}
            </td>
            <td data-label="Through" class="long">
              {rule.channels.length === 0 ? (
                <span class="alarm">no channel: nobody is told</span>
              ) : (
                rule.channels.map(({ name }) => name).join(", ")
              )}
            </td>
            <td class="end">
              {mayChange && (
                <a class="button small" href={withQuery("/alerts/mute", { rule: rule.id })}>
                  Mute
                </a>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const joined = (phrases: string[]): Child => (
  <ul class="plain">
    {phrases.map((phrase) => (
      <li>{phrase}</li>
    ))}
  </ul>
);

function RuleState({ rule }: { rule: RuleRow }) {
  if (!rule.active) return <StatusMark status="paused" word="off" />;
  if (rule.firing.length > 0) return <StatusMark status="failing" word="firing" />;
  return <StatusMark status="passing" word="quiet" />;
}

function Addresses({ addresses }: MonitorAlertsProps) {
  if (addresses.length === 0) return null;
  return (
    <p class="dim">{`The monitor itself names ${addresses.join(", ")}: told by e-mail as Postman does it, until three failures in a row, and of the first pass after them.`}</p>
  );
}
