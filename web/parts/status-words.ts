import type { EntryState, IncidentState } from "../pages/status-view.ts";
import type { Tone } from "./status-mark.tsx";

/** How a status page says its states: glyph, word and colour belong together. */
export const entryWords: Record<EntryState, { glyph: string; word: string; tone: Tone }> = {
  operational: { glyph: "✓", word: "Operational", tone: "pass" },
  down: { glyph: "✕", word: "Outage", tone: "fail" },
  affected: { glyph: "!", word: "Affected", tone: "warn" },
  maintenance: { glyph: "◷", word: "Maintenance", tone: "live" },
  unknown: { glyph: "?", word: "No recent data", tone: "mute" },
  paused: { glyph: "‖", word: "Not checked", tone: "mute" },
};

export const incidentWords: Record<IncidentState, { glyph: string; word: string; tone: Tone }> = {
  investigating: { glyph: "!", word: "Investigating", tone: "fail" },
  identified: { glyph: "!", word: "Identified", tone: "warn" },
  monitoring: { glyph: "◌", word: "Monitoring", tone: "live" },
  resolved: { glyph: "✓", word: "Resolved", tone: "pass" },
};

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `22 Nov 2026, 10:03 CET`: an instant as the clocks of the page's time zone show it. */
export function formatInZone(at: Date, timezone: string): string {
  const known = formatters.get(timezone);
  const formatter =
    known ??
    new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone,
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      timeZoneName: "short",
    });
  if (!known) formatters.set(timezone, formatter);
  return formatter.format(at);
}

const dayFormatter = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  day: "numeric",
  month: "short",
  year: "numeric",
});

/** `22 Nov 2026` of `2026-11-22`. */
export const formatDay = (date: string): string => dayFormatter.format(new Date(`${date}T00:00:00Z`));
