import { isRecord } from "../../lib/parse.ts";
import { scriptText } from "../revisions/describe.ts";

/** The script of an event as text; empty when there is none. */
export const scriptOf = (events: unknown, listen: string): string => {
  const event = Array.isArray(events)
    ? events.filter(isRecord).find((one) => one["listen"] === listen)
    : undefined;
  return event ? scriptText(event["script"]) : "";
};

/** The list of events with other scripts in it; undefined when neither has changed. */
export function changedEvents(
  events: unknown,
  changed: ReadonlyMap<string, string>,
): ScriptEvent[] | undefined {
  const wanted = ["prerequest", "test"].filter((listen) => changed.has(listen));
  if (wanted.length === 0) return undefined;
  // Judged by whatever stored them; what is no event stays out of a list of events.
  let list = (Array.isArray(events) ? events.filter(isRecord) : []) as ScriptEvent[];
  for (const listen of wanted) {
    const exec = (changed.get(listen) ?? "").split("\n");
    const isEmpty = exec.every((line) => line.trim() === "");
    const at = list.findIndex((event) => event["listen"] === listen);
    const old = list[at];
    const script = { type: "text/javascript", ...(isRecord(old?.script) && old.script), exec };
    if (isEmpty) list = list.filter((_, index) => index !== at);
    else if (old) list = list.with(at, { ...old, script });
    else list = [...list, { listen, script }];
  }
  return list;
}

export interface ScriptEvent extends Record<string, unknown> {
  listen: string;
  script?: { exec?: (string | null)[] | string };
}
