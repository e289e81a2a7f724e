/** What a status page tells. Everything in it may be read by strangers: no internal name, address or error is part of it. */

export type EntryState = "operational" | "down" | "affected" | "maintenance" | "unknown" | "paused";
export type IncidentState = "investigating" | "identified" | "monitoring" | "resolved";

/**
 * `passed`: every check did. `disturbed`: some failed. `failed`: at least a twentieth did. `maintenance`: announced, and
 * nothing was checked. `unclear`: most checks could not tell. `none`: there was no check.
 */
export type DayKind = "passed" | "disturbed" | "failed" | "maintenance" | "unclear" | "none";

export interface StatusDay {
  /** `2026-11-22`, in the time zone of the page. */
  date: string;
  kind: DayKind;
  /** Passed / (passed + failed); null without either. */
  uptime: number | null;
  /** Maintenance was announced for a part of it. */
  hadMaintenance: boolean;
}

export interface StatusEntry {
  /** Of its place on the page, not of the monitor. */
  id: string;
  name: string;
  state: EntryState;
  /** Since when it is down; null when it is not. */
  downSince: Date | null;
  checkedAt: Date | null;
  /** Of the days that are shown, between 0 and 1; null without checks that passed or failed. */
  uptime: number | null;
  uptime30d: number | null;
  /** Oldest first. */
  days: StatusDay[];
}

export interface StatusGroup {
  /** Empty = in no group. */
  name: string;
  entries: StatusEntry[];
}

export interface ShownIncident {
  id: string;
  title: string;
  state: IncidentState;
  startedAt: Date;
  resolvedAt: Date | null;
  updatedAt: Date;
  /** Names as the page shows them. */
  entries: { id: string; name: string }[];
  /** Newest first. */
  updates: { id: string; state: IncidentState; message: string; at: Date }[];
}

export interface ShownMaintenance {
  id: string;
  startsAt: Date;
  endsAt: Date;
  isOpen: boolean;
  names: string[];
}

export interface Verdict {
  tone: "pass" | "warn" | "fail" | "live" | "mute";
  sentence: string;
  /** For badges. */
  short: string;
}

export interface StatusView {
  page: {
    slug: string;
    title: string;
    description: string;
    timezone: string;
    isPublic: boolean;
    isIndexed: boolean;
  };
  verdict: Verdict;
  groups: StatusGroup[];
  openIncidents: ShownIncident[];
  /** Resolved ones of the last two weeks. */
  pastIncidents: ShownIncident[];
  /** Open ones first, then those that come. */
  maintenance: ShownMaintenance[];
  asOf: Date;
}
