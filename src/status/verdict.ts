import type { DayKind, EntryState, Verdict } from "../../web/pages/status-view.ts";

/** How a page judges what was checked; no IO. Nothing becomes green that nobody knows to be well. */

export interface CheckedMonitor {
  active: boolean;
  /** Outcome of its last execution; null before the first. */
  outcome: "passed" | "failed" | "errored" | "aborted" | null;
  /** It should have been checked again by now. */
  isOverdue: boolean;
  inMaintenance: boolean;
  hasIncident: boolean;
}

export function stateOf(monitor: CheckedMonitor): EntryState {
  if (monitor.inMaintenance) return "maintenance";
  if (monitor.active && monitor.outcome === "failed") return "down";
  if (monitor.hasIncident) return "affected";
  if (!monitor.active) return "paused";
  return monitor.outcome === "passed" && !monitor.isOverdue ? "operational" : "unknown";
}

export interface DayCounts {
  passed: number;
  failed: number;
  /** Errored and aborted. */
  unclear: number;
}

/** A day below it was a bad one. */
const FAILED_BELOW = 0.95;

/** Drawn from counts: one failure takes the green away, and so do checks that mostly could not tell. */
export function dayKindOf({ passed, failed, unclear }: DayCounts, hadMaintenance: boolean): DayKind {
  const told = passed + failed;
  if (failed > 0) return passed / told < FAILED_BELOW ? "failed" : "disturbed";
  if (told === 0 && hadMaintenance) return "maintenance";
  if (unclear > told) return "unclear";
  return told === 0 ? "none" : "passed";
}

export const uptimeOf = ({ passed, failed }: DayCounts): number | null =>
  passed + failed === 0 ? null : passed / (passed + failed);

export function verdictOf(states: readonly EntryState[], openIncidents: number): Verdict {
  const count = (...wanted: EntryState[]) => states.filter((state) => wanted.includes(state)).length;
  const total = states.length;
  const affected = count("down", "affected");
  if (affected > 0) return affectedVerdict({ affected, total, isDown: count("down") > 0 });
  if (openIncidents > 0) return { tone: "warn", sentence: "There is an open incident", short: "incident" };
  return quietVerdict({
    total,
    unknown: count("unknown"),
    paused: count("paused"),
    inMaintenance: count("maintenance"),
  });
}

function affectedVerdict({
  affected,
  total,
  isDown,
}: {
  affected: number;
  total: number;
  isDown: boolean;
}): Verdict {
  const tone = isDown ? "fail" : "warn";
  if (affected === total) {
    const sentence = total === 1 ? "The system is affected" : "All systems are affected";
    return { tone, sentence, short: isDown ? "outage" : "affected" };
  }
  const verb = affected === 1 ? "is" : "are";
  return {
    tone,
    sentence: `${affected} of ${total} systems ${verb} affected`,
    short: `${affected} of ${total} affected`,
  };
}

interface QuietCounts {
  total: number;
  unknown: number;
  paused: number;
  inMaintenance: number;
}

function quietVerdict({ total, unknown, paused, inMaintenance }: QuietCounts): Verdict {
  if (total === 0) return { tone: "mute", sentence: "Nothing is shown here yet", short: "no data" };
  if (unknown === total) return { tone: "mute", sentence: "There is no recent data", short: "no data" };
  if (paused === total)
    return { tone: "mute", sentence: "Nothing is checked at the moment", short: "paused" };
  if (unknown > 0) {
    const verb = unknown === 1 ? "has" : "have";
    return {
      tone: "mute",
      sentence: `No known problems, but ${unknown} of ${total} systems ${verb} no recent data`,
      short: "partly no data",
    };
  }
  if (inMaintenance > 0) return { tone: "live", sentence: "Maintenance is under way", short: "maintenance" };
  if (paused > 0)
    return { tone: "pass", sentence: "All systems that are checked are operational", short: "operational" };
  return { tone: "pass", sentence: "All systems operational", short: "operational" };
}
