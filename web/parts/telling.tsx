import type { MonitorState } from "./monitor-table.tsx";
import { StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

/** Whether anybody hears of a monitor. */
export interface Telling {
  /** Of the monitor, or of every rule that watches it. */
  mute: MuteInForce | null;
  /** Somebody is told when it fails, mute or not. */
  failure: boolean;
  /** Somebody is told when it cannot be checked. */
  error: boolean;
}

export interface MuteInForce {
  by: string;
  /** Empty = none was given. */
  reason: string;
  /** Null = until the monitor passes. */
  until: Date | null;
}

const alertsOf = (monitorId: string) => `/monitors/${monitorId}/alerts`;

/** In a row of a list: that nobody is told now, and a link to where that is ended. */
export function MuteMark({ mute, monitorId, now }: { mute: MuteInForce; monitorId: string; now: Date }) {
  return (
    <span class="sub">
      <a href={alertsOf(monitorId)}>
        <StatusMark status="muted" />
      </a>
      {mute.until === null ? (
        ", until it passes"
      ) : (
        <>
          {", ends "}
          <Time at={mute.until} now={now} />
        </>
      )}
    </span>
  );
}

interface TellingNoticeProps {
  telling: Telling;
  monitorId: string;
  /** Of the monitor, or of the run that is looked at. */
  state: MonitorState | "failed" | "errored" | undefined;
  isReadOnly: boolean;
  now: Date;
}

/** Says when nobody is told: always of a mute, and of what is wrong also that no rule watches it. */
export function TellingNotice({ telling, ...props }: TellingNoticeProps) {
  if (telling.mute) return <MuteNotice mute={telling.mute} {...props} />;
  const isUnheard =
    ((props.state === "failing" || props.state === "failed") && !telling.failure) ||
    ((props.state === "error" || props.state === "errored") && !telling.error);
  return isUnheard ? <UnheardNotice {...props} /> : null;
}

type Placed = Omit<TellingNoticeProps, "telling">;

function MuteNotice({ mute, monitorId, isReadOnly, now }: Placed & { mute: MuteInForce }) {
  return (
    <p class="notice">
      <StatusMark status="muted" word="Muted" />
      {` by ${mute.by}: nobody is told of this monitor until `}
      {mute.until === null ? "it passes" : <Time at={mute.until} now={now} show="both" />}.
      {mute.reason !== "" && ` The reason: ${mute.reason}.`}{" "}
      <a href={alertsOf(monitorId)}>{isReadOnly ? "See its alerts" : "Unmute it"}</a>
    </p>
  );
}

function UnheardNotice({ monitorId, isReadOnly, state }: Placed) {
  const isError = state === "error" || state === "errored";
  return (
    <p class="notice warn">
      <StatusMark status="unheard" />
      {isError
        ? ": no rule and no address hears of this monitor when it cannot be checked."
        : ": no rule and no address hears of this monitor when it fails."}
      {!isReadOnly && (
        <>
          {" "}
          <a href={`${alertsOf(monitorId)}#new-rule`}>Add a rule</a>
        </>
      )}
    </p>
  );
}
