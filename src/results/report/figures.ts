import type { Downtime } from "./downtime.ts";
import type { RunCounts, SlotCounts } from "./store.ts";

/** The numbers of a span; shares are between 0 and 1, null = there is nothing to tell. */
export interface Figures extends RunCounts, SlotCounts {
  /** passed / (passed + failed). */
  uptime: number | null;
  /** reported / due. */
  coverage: number | null;
  downMs: number;
}

/** Of the same bucket from two places; only the first can have a p95. */
export const added = (one: RunCounts, other: RunCounts): RunCounts => ({
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  untold: one.untold + other.untold,
  p95Ms: one.p95Ms,
});

export const noRuns: RunCounts = { passed: 0, failed: 0, untold: 0, p95Ms: null };
export const sumOfSlots = (days: readonly SlotCounts[]): SlotCounts =>
  days.reduce(
    (sum, day) => ({
      due: sum.due + day.due,
      reported: sum.reported + day.reported,
      late: sum.late + day.late,
      missed: sum.missed + day.missed,
      lost: sum.lost + day.lost,
      overlap: sum.overlap + day.overlap,
      inMaintenance: sum.inMaintenance + day.inMaintenance,
    }),
    noSlots,
  );

const noSlots: SlotCounts = {
  due: 0,
  reported: 0,
  late: 0,
  missed: 0,
  lost: 0,
  overlap: 0,
  inMaintenance: 0,
};
const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

export function figuresOf(
  runs: RunCounts = noRuns,
  slots: SlotCounts = noSlots,
  { downMs }: Downtime,
): Figures {
  return {
    ...runs,
    ...slots,
    uptime: share(runs.passed, runs.passed + runs.failed),
    coverage: share(slots.reported, slots.due),
    downMs,
  };
}
