/** Every state that a monitor, run, slot or runner is shown in. */
export type Status =
  | "passing"
  | "passed"
  | "failing"
  | "failed"
  | "error"
  | "errored"
  | "aborted"
  | "paused"
  | "none"
  | "running"
  | "queued"
  | "healthy"
  | "unhealthy"
  | "unknown"
  | "ran"
  | "late"
  | "skipped"
  | "missed"
  | "lost"
  | "pending"
  | "muted"
  | "unheard";

export type Tone = "pass" | "fail" | "warn" | "mute" | "live";

const marks: Record<Status, { glyph: string; tone: Tone; word?: string }> = {
  passing: { glyph: "✓", tone: "pass" },
  passed: { glyph: "✓", tone: "pass" },
  failing: { glyph: "✕", tone: "fail" },
  failed: { glyph: "✕", tone: "fail" },
  error: { glyph: "!", tone: "warn" },
  errored: { glyph: "!", tone: "warn" },
  aborted: { glyph: "■", tone: "mute" },
  paused: { glyph: "‖", tone: "mute" },
  none: { glyph: "·", tone: "mute", word: "no data" },
  running: { glyph: "◌", tone: "live" },
  queued: { glyph: "◌", tone: "mute" },
  healthy: { glyph: "✓", tone: "pass" },
  unhealthy: { glyph: "✕", tone: "fail" },
  unknown: { glyph: "?", tone: "mute" },
  ran: { glyph: "✓", tone: "pass" },
  late: { glyph: "◷", tone: "warn" },
  skipped: { glyph: "–", tone: "mute" },
  missed: { glyph: "✕", tone: "fail" },
  lost: { glyph: "!", tone: "warn" },
  pending: { glyph: "◌", tone: "mute" },
  muted: { glyph: "⊘", tone: "mute" },
  unheard: { glyph: "!", tone: "warn", word: "Nobody is told" },
};

export const toneOf = (status: Status): Tone => marks[status].tone;
export const wordOf = (status: Status): string => marks[status].word ?? status;

/** Glyph, word and colour of a state: the only way that a state is shown. */
export function StatusMark({ status, word }: { status: Status; word?: string | undefined }) {
  return (
    <span class={`mark ${marks[status].tone}${status === "running" ? " turning" : ""}`}>
      <span class="glyph" aria-hidden="true">
        {marks[status].glyph}
      </span>
      <span class="word">{word ?? wordOf(status)}</span>
    </span>
  );
}
