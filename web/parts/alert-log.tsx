import type { Shell } from "../layout.tsx";
import { ActionButton } from "./form.tsx";
import { type Status, StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

export type DeliveryStatus = "pending" | "sending" | "sent" | "failed" | "given_up" | "muted";

/** A line of the log of messages. */
export interface LogRow {
  id: string;
  at: Date;
  title: string;
  /** Of the run that it is about, else of its monitor. */
  href: string | undefined;
  /** "Slack", "E-mail", … */
  kind: string;
  channelName: string | null;
  target: string;
  status: DeliveryStatus;
  attempt: number;
  nextAttemptAt: Date | null;
  responseStatus: number | null;
  /** What the receiver said; of a muted one, by whom it was. */
  response: string | null;
  mayResend: boolean;
}

export const deliveryWords: Record<DeliveryStatus, { status: Status; word: string }> = {
  pending: { status: "pending", word: "waiting" },
  sending: { status: "running", word: "sending" },
  sent: { status: "passed", word: "sent" },
  failed: { status: "failed", word: "refused" },
  given_up: { status: "failed", word: "given up" },
  muted: { status: "skipped", word: "muted" },
};

/** What was sent, to whom, and what they said. */
export function AlertLog({ rows, shell, back }: { rows: LogRow[]; shell: Shell; back: string }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Message</th>
          <th scope="col">To</th>
          <th scope="col">Answer</th>
          <th scope="col">When</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <LogLine row={row} shell={shell} back={back} />
        ))}
      </tbody>
    </table>
  );
}

function LogLine({ row, shell, back }: { row: LogRow; shell: Shell; back: string }) {
  const isOver = row.status !== "pending" && row.status !== "sending";
  return (
    <tr class={row.status === "failed" || row.status === "given_up" ? "tone-fail" : undefined}>
      <td class="state">
        <StatusMark {...deliveryWords[row.status]} />
      </td>
      <td class="name">{row.href === undefined ? row.title : <a href={row.href}>{row.title}</a>}</td>
      <td data-label="To" class="long">
        {row.channelName ?? "addresses of the monitor"}
        <span class="sub">
          {row.kind}, {row.target}
        </span>
      </td>
      <td data-label="Answer" class="long">
        <Answer row={row} />
        <Attempts row={row} now={shell.now} />
      </td>
      <td data-label="When">
        <Time at={row.at} now={shell.now} />
      </td>
      <td class="end">
        {row.mayResend && isOver && (
          <ActionButton
            action={`/alerts/log/${row.id}/resend?back=${encodeURIComponent(back)}`}
            csrfToken={shell.csrfToken}
            label="Send again"
            class="small"
          />
        )}
      </td>
    </tr>
  );
}

/** A mail server says its code itself. */
function Answer({ row: { responseStatus, response } }: { row: LogRow }) {
  if (responseStatus === null) return <>{response ?? ""}</>;
  const said = (response ?? "").replace(new RegExp(`^${responseStatus}\\b[ -]*`), "");
  return (
    <>
      <code>{responseStatus}</code> {said}
    </>
  );
}

function Attempts({ row, now }: { row: LogRow; now: Date }) {
  if (row.nextAttemptAt !== null && row.attempt > 0) {
    return (
      <span class="sub">
        attempt {row.attempt}, next <Time at={row.nextAttemptAt} now={now} />
      </span>
    );
  }
  return row.attempt > 1 ? <span class="sub">{`after ${row.attempt} attempts`}</span> : null;
}
