import { formatDuration, formatPercent, formatSpan, plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { MonitorHead } from "../parts/monitor-tabs.tsx";
import { Pager } from "../parts/pager.tsx";
import { StatusMark, type Status } from "../parts/status-mark.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time } from "../parts/time.tsx";

export interface LedgerSlot {
  slotAt: Date;
  status: "pending" | "ran" | "late" | "skipped" | "missed" | "lost";
  reason: string | null;
  collapsed: number;
  delayMs: number | null;
  outcome: "passed" | "failed" | "errored" | "aborted" | null;
  runId: string | null;
  runs: number;
}

export interface LedgerProps {
  shell: Shell;
  monitor: { id: string; name: string; workspaceName: string; hasSchedule: boolean };
  since: Date;
  until: Date;
  /** The span as it stands in the address. */
  span: Record<string, string | undefined>;
  range: string | undefined;
  counts: { kind: string; slots: number }[];
  due: number;
  collapsed: number;
  delay: { p50: number | null; p95: number | null; p99: number | null };
  kind?: string | undefined;
  /** Newest first. */
  slots: LedgerSlot[];
  before?: string | undefined;
  next?: string | undefined;
}

const kinds: Readonly<Record<string, { mark: Status; word: string }>> = {
  ran: { mark: "ran", word: "ran in time" },
  late: { mark: "late", word: "late" },
  overlap: { mark: "skipped", word: "skipped: the run before went on" },
  paused: { mark: "skipped", word: "skipped: paused" },
  maintenance: { mark: "skipped", word: "skipped: maintenance" },
  cancelled: { mark: "skipped", word: "skipped: cancelled" },
  missed: { mark: "missed", word: "missed: no runner took it" },
  lost: { mark: "lost", word: "lost: its runner died" },
  pending: { mark: "pending", word: "pending" },
};
const ranges = ["24h", "7d", "30d", "90d"];

/** Every due time of a monitor and how it ended. */
export const ledgerPage = (props: LedgerProps) => page(<LedgerPage {...props} />);

function LedgerPage(props: LedgerProps) {
  const { shell, monitor, slots } = props;
  return (
    <Layout title={`Ledger of ${monitor.name}`} shell={shell} section="monitors">
      <MonitorHead monitor={monitor} place="ledger" title="Slot ledger" />
      <p class="dim lead">
        Every due time of the schedule ends in exactly one way and stays listed, also when nothing ran.
      </p>
      <div class="panel-head">
        <p>
          <Time at={props.since} now={shell.now} show="absolute" /> to{" "}
          <Time at={props.until} now={shell.now} show="absolute" />
        </p>
        <Tabs
          label="Range"
          tabs={ranges.map((range) => ({
            href: addressOf(props, { span: { range }, kind: props.kind }),
            label: range.replace(/(\d+)/, "$1 "),
            current: range === props.range,
          }))}
        />
      </div>
      <Counts {...props} />
      <Delays {...props} />
      {slots.length === 0 ? <NoSlots {...props} /> : <Slots slots={slots} now={shell.now} />}
      <Pager
        previous={props.before === undefined ? undefined : addressOf(props, { kind: props.kind })}
        next={props.next && addressOf(props, { kind: props.kind, before: props.next })}
      />
      {slots.length > 0 && (
        <p class="downloads">
          <a class="button" href={addressOf(props, { kind: props.kind }, "/ledger.csv")}>
            Download as CSV
          </a>
        </p>
      )}
    </Layout>
  );
}

interface Change {
  span?: Record<string, string | undefined>;
  kind?: string | undefined;
  before?: string;
}

const addressOf = ({ monitor, span }: LedgerProps, change: Change, path = "/ledger"): string =>
  withQuery(`/monitors/${monitor.id}${path}`, {
    ...(change.span ?? span),
    kind: change.kind,
    before: change.before,
  });

function Counts(props: LedgerProps) {
  const { counts, due, collapsed, kind } = props;
  const byKind = new Map(counts.map((count) => [count.kind, count.slots]));
  const total = due - collapsed;
  return (
    <ul class="plain counts" aria-label="Slots by their end">
      <li>
        <a href={addressOf(props, {})} aria-current={kind === undefined ? "true" : undefined}>
          <b>{due}</b> due
        </a>
      </li>
      {Object.entries(kinds)
        .filter(([name]) => byKind.has(name))
        .map(([name, { mark, word }]) => (
          <li>
            <a href={addressOf(props, { kind: name })} aria-current={kind === name ? "true" : undefined}>
              <b>{byKind.get(name)}</b> <StatusMark status={mark} word={word} />{" "}
              <span class="dim">{formatPercent((byKind.get(name) ?? 0) / Math.max(1, total))}</span>
            </a>
          </li>
        ))}
      {collapsed > 0 && (
        <li class="dim">
          <b>{collapsed}</b> folded into the next slot, because nothing could run for them
        </li>
      )}
    </ul>
  );
}

function Delays({ delay }: LedgerProps) {
  return (
    <dl class="tiles">
      {(["p50", "p95", "p99"] as const).map((name) => (
        <div>
          <dt>Scheduling delay {name}</dt>
          <dd>{formatDuration(delay[name])}</dd>
        </div>
      ))}
    </dl>
  );
}

function NoSlots(props: LedgerProps) {
  if (props.kind !== undefined) {
    return (
      <EmptyState
        title="No slot ended so in this time"
        action={{ href: addressOf(props, {}), label: "Show all slots" }}
      >
        Choose another end above, or a longer range.
      </EmptyState>
    );
  }
  return props.monitor.hasSchedule ? (
    <EmptyState title="No slot in this time">
      A slot appears here with each due time of the schedule. Choose a longer range, or wait for the next one.
    </EmptyState>
  ) : (
    <EmptyState
      title="This monitor has no schedule"
      action={{ href: `/monitors/${props.monitor.id}/edit`, label: "Give it a schedule" }}
    >
      It runs only when it is triggered, so it has no due times.
    </EmptyState>
  );
}

function Slots({ slots, now }: { slots: LedgerSlot[]; now: Date }) {
  return (
    <table class="list ledger">
      <thead>
        <tr>
          <th scope="col">Due</th>
          <th scope="col">End</th>
          <th scope="col" class="number">
            Began after
          </th>
          <th scope="col">Result</th>
          <th scope="col">Run</th>
        </tr>
      </thead>
      <tbody>
        {slots.map((slot) => (
          <tr>
            <td class="when">
              <Time at={slot.slotAt} now={now} show="absolute" />
              {slot.collapsed > 0 && <span class="sub">and {plural(slot.collapsed, "slot")} before it</span>}
            </td>
            <td data-label="End">
              <StatusMark status={slot.status} word={endOf(slot)} />
            </td>
            <td class="number" data-label="Began after">
              {slot.delayMs === null
                ? "–"
                : slot.status === "late"
                  ? formatSpan(slot.delayMs)
                  : formatDuration(slot.delayMs)}
            </td>
            <td data-label="Result">
              {slot.outcome ? <StatusMark status={slot.outcome} /> : <span class="dim">–</span>}
            </td>
            <td data-label="Run">
              {slot.runId ? (
                <a href={`/runs/${slot.runId}`}>{slot.runs > 1 ? plural(slot.runs, "run") : "run"}</a>
              ) : (
                <span class="dim">–</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const reasons: Readonly<Record<string, string>> = {
  overlap: "the run before went on",
  paused: "paused",
  maintenance: "maintenance",
  cancelled: "cancelled",
  no_runner: "no runner took it",
  runner_lost: "its runner died",
  downtime: "the control plane was down",
};

function endOf({ status, reason }: LedgerSlot): string | undefined {
  if (reason === null || status === "ran" || status === "late") return undefined;
  return `${status}: ${reasons[reason] ?? reason}`;
}
