import { anyAnswer } from "../../lib/api-client.ts";
import { systemClock } from "../../lib/clock.ts";
import { onceBetween, whenOf } from "../../schedules/maintenance/window.ts";
import { alertFolders, timesOf, type WindowFile } from "./content-alerts.ts";
import type { ActualAlerts } from "./fetch-alerts.ts";
import { byText } from "./names.ts";
import type { Step } from "./plan.ts";
import { naming, only, planElement } from "./steps-element.ts";
import { type Find, resolverNow, resolver, type Target, workspaceIdOf } from "./target.ts";

type Known = ActualAlerts["windows"][number];

/** A single window that is over is history: there is nothing to do about it, and its file may stay. */
export async function planWindow(file: WindowFile, target: Target): Promise<Step> {
  const { api, actual } = target;
  const { name } = file;
  const step = { kind: "maintenance window", name, workspace: target.name } as const;
  const by = `Maintenance window "${name}" of workspace "${target.name}"`;
  const now = systemClock.now();
  const once = file.once && timesOf(file.once);
  if (once && once.to <= now) return { ...step, action: "unchanged" };
  const known = actual.windows.find((one) => one.name === name);
  const changed = known && changesOf(file, known, resolverNow(target));
  if (once && (!changed || changed.includes("once"))) {
    const startsAt = once.from && once.from > now ? once.from : undefined;
    await naming(by, () => onceBetween({ kind: "once", startsAt, endsAt: once.to }, now));
  }
  return planElement(step, {
    changed,
    create: async () => {
      const body = { workspace: workspaceIdOf(target), ...fieldsOf(file, resolver(target, by), now) };
      await api.post(`/${alertFolders.windows}`, body, anyAnswer);
    },
    update: async () => {
      const fields = only(fieldsOf(file, resolver(target, by), now), changed ?? []);
      await api.patch(`/${alertFolders.windows}/${known?.id ?? ""}`, fields, anyAnswer);
    },
  });
}

function fieldsOf({ $kind: _kind, once, monitors, ...fields }: WindowFile, find: Find, now: Date) {
  // One that is open already begins when it is made.
  const isOpen = once?.from !== undefined && new Date(once.from) <= now;
  return {
    ...fields,
    ...(monitors && { monitors: monitors.map((one) => find("monitor", one)) }),
    ...(once && { once: isOpen ? { to: once.to } : once }),
  };
}

function changesOf(file: WindowFile, known: Known, find: Find): string[] {
  const isSame: Record<string, boolean> = {
    reason: file.reason === undefined || file.reason === known.reason,
    behaviour: file.behaviour === undefined || file.behaviour === known.behaviour,
    all: file.all === undefined || known.all === true,
    tag: file.tag === undefined || file.tag === known.tag,
    monitors:
      !file.monitors || listed(file.monitors.map((one) => find("monitor", one))) === listed(known.monitors),
    once: !file.once || isSameTime(file.once, known),
    recurring: !file.recurring || isSameRhythm(file.recurring, known),
  };
  return Object.keys(isSame).filter((field) => !isSame[field]);
}

const listed = (ids: string[] = []): string => [...new Set(ids)].toSorted(byText).join(" ");

/** The beginning of one that is open stays, whatever a file says. */
function isSameTime(once: NonNullable<WindowFile["once"]>, known: Known): boolean {
  if (!known.once) return false;
  const [wanted, there] = [timesOf(once), timesOf(known.once)];
  const isSameStart =
    wanted.from === undefined || known.state === "open" || wanted.from.getTime() === there.from?.getTime();
  return isSameStart && wanted.to.getTime() === there.to.getTime();
}

function isSameRhythm(recurring: NonNullable<WindowFile["recurring"]>, { recurring: known }: Known): boolean {
  const wanted = whenOf({ recurring });
  if (!known || wanted?.kind !== "recurring") return false;
  return (
    wanted.cron === known.cron &&
    wanted.timezone === known.timezone &&
    wanted.durationMinutes === known.durationMinutes
  );
}
