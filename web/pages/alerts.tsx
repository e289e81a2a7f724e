import { plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { AlertLog, deliveryWords, type DeliveryStatus, type LogRow } from "../parts/alert-log.tsx";
import { AlertTabs } from "../parts/alert-tabs.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { type MuteRow, Mutes } from "../parts/mutes.tsx";
import { Pager } from "../parts/pager.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";

export interface FiringRow {
  /** "Orders is failing". */
  title: string;
  /** Where to look: the run that opened it, else the monitor or the runner. */
  href: string | undefined;
  since: Date;
  sent: number;
  lastSentAt: Date | null;
  /** What rule says so. */
  ruleName: string;
  /** Absent when it is about no single monitor. */
  monitorId: string | undefined;
  /** Absent for the addresses of a monitor. */
  ruleId: string | undefined;
  /** Why nobody is told at present. */
  silence: string | undefined;
  mayMute: boolean;
}

export interface AlertsProps {
  shell: Shell;
  firing: FiringRow[];
  mutes: MuteRow[];
  /** Names of the maintenance windows that are open. */
  openMaintenance: string[];
  log: LogRow[];
  filter: { status: DeliveryStatus | undefined; channel: string | undefined; monitor: string | undefined };
  /** Of what the log is filtered by, for people. */
  filterWords: string[];
  isFirst: boolean;
  next: string | undefined;
  hasChannels: boolean;
  hasRules: boolean;
}

export const alertsPage = (props: AlertsProps) => {
  const { shell } = props;
  return page(
    <Layout title="Alerts" shell={shell} section="alerts">
      <div class="head">
        <h1>Alerts</h1>
        {props.hasChannels && (
          <a class="button" href={withQuery("/alerts/rules/new", { workspace: shell.workspaceId })}>
            Rule for a whole workspace
          </a>
        )}
      </div>
      <AlertTabs shell={shell} place="log" />
      <AlertsRegion {...props} />
    </Layout>,
  );
};

/** What fires, what is silent and what was sent; refreshed in place. */
export function AlertsRegion(props: AlertsProps) {
  const { shell, mutes, openMaintenance } = props;
  const back = withQuery("/alerts", { workspace: shell.workspaceId });
  return (
    <div id="alerts" hx-get={pathOf(props)} hx-trigger="every 10s" hx-swap="outerMorph">
      {openMaintenance.length > 0 && (
        <p class="notice">
          <a href="/maintenance">{plural(openMaintenance.length, "maintenance window")}</a> open:{" "}
          {openMaintenance.join(", ")}
        </p>
      )}
      <Firing {...props} />
      {mutes.length > 0 && (
        <section aria-labelledby="mutes-heading">
          <h2 id="mutes-heading">Muted</h2>
          <Mutes rows={mutes} shell={shell} back={back} />
        </section>
      )}
      <Log {...props} />
    </div>
  );
}

const pathOf = ({ shell, filter }: AlertsProps, cursor?: string) =>
  withQuery("/alerts", { workspace: shell.workspaceId, ...filter, cursor });

function Firing({ shell, firing, hasChannels, hasRules }: AlertsProps) {
  if (firing.length === 0) {
    if (!hasChannels) return <Begin />;
    return (
      <p class="summary">
        <StatusMark status="passing" word="nothing fires" />
        {!hasRules && (
          <span>
            No rule watches anything yet: open a monitor and choose <b>Alerts</b>.
          </span>
        )}
      </p>
    );
  }
  return (
    <section aria-labelledby="firing-heading">
      <h2 id="firing-heading">Firing now</h2>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Alert</th>
            <th scope="col">Since</th>
            <th scope="col">Told</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {firing.map((row) => (
            <FiringLine row={row} shell={shell} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

const Begin = () => (
  <EmptyState
    title="Nobody is told yet"
    action={{ href: "/alerts/channels", label: "Make the first channel" }}
  >
    A channel says where: e-mail, Slack, Microsoft Teams, PagerDuty, Opsgenie or a webhook of yours. Then a
    rule on a monitor says when: after three failures, on recovery, when it gets slow, before a certificate
    ends.
  </EmptyState>
);

function FiringLine({ row, shell }: { row: FiringRow; shell: Shell }) {
  return (
    <tr class="tone-fail">
      <td class="state">
        <StatusMark status="failing" word="firing" />
      </td>
      <td class="name">
        {row.href === undefined ? row.title : <a href={row.href}>{row.title}</a>}
        <span class="sub">{row.ruleName}</span>
      </td>
      <td data-label="Since">
        <Time at={row.since} now={shell.now} show="both" />
      </td>
      <td data-label="Told" class="long">
        {row.silence ?? plural(row.sent, "message")}
        {row.lastSentAt && (
          <span class="sub">
            last <Time at={row.lastSentAt} now={shell.now} />
          </span>
        )}
      </td>
      <td class="end">
        {row.mayMute && row.silence === undefined && (row.monitorId ?? row.ruleId) !== undefined && (
          <a class="button small" href={muteAddress(row)}>
            Mute
          </a>
        )}
      </td>
    </tr>
  );
}

/** What is about no single monitor is muted by its rule. */
const muteAddress = ({ monitorId, ruleId }: FiringRow): string =>
  withQuery("/alerts/mute", monitorId === undefined ? { rule: ruleId } : { monitor: monitorId });

function Log(props: AlertsProps) {
  const { shell, log, filter, filterWords, isFirst, next } = props;
  const isFiltered = filterWords.length > 0;
  if (log.length === 0 && !isFiltered && isFirst) return null;
  return (
    <section aria-labelledby="log-heading">
      <h2 id="log-heading">What was sent</h2>
      <form method="get" action="/alerts" class="filters">
        {shell.workspaceId !== undefined && (
          <input type="hidden" name="workspace" value={shell.workspaceId} />
        )}
        {filter.monitor !== undefined && <input type="hidden" name="monitor" value={filter.monitor} />}
        {filter.channel !== undefined && <input type="hidden" name="channel" value={filter.channel} />}
        <div class="field">
          <label for="field-status">Status</label>
          <select id="field-status" name="status">
            <option value="">Any</option>
            {Object.entries(deliveryWords).map(([status, { word }]) => (
              <option value={status} selected={status === filter.status}>
                {word}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" class="button">
          Filter
        </button>
        {isFiltered && (
          <a href={withQuery("/alerts", { workspace: shell.workspaceId })}>
            {`Clear (${filterWords.join(", ")})`}
          </a>
        )}
      </form>
      {log.length === 0 ? (
        <p class="dim">Nothing of that kind was sent in the last 90 days.</p>
      ) : (
        <AlertLog rows={log} shell={shell} back={pathOf(props)} />
      )}
      <Pager
        previous={isFirst ? undefined : pathOf(props)}
        next={next === undefined ? undefined : pathOf(props, next)}
      />
    </section>
  );
}
