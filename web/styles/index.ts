import alerts from "./alerts.css" with { type: "text" };
import base from "./base.css" with { type: "text" };
import changes from "./changes.css" with { type: "text" };
import collections from "./collections.css" with { type: "text" };
import controls from "./controls.css" with { type: "text" };
import drawings from "./drawings.css" with { type: "text" };
import editing from "./editing.css" with { type: "text" };
import frame from "./frame.css" with { type: "text" };
import monitor from "./monitor.css" with { type: "text" };
import narrow from "./narrow.css" with { type: "text" };
import overview from "./overview.css" with { type: "text" };
import print from "./print.css" with { type: "text" };
import reference from "./reference.css" with { type: "text" };
import reports from "./reports.css" with { type: "text" };
import run from "./run.css" with { type: "text" };
import runners from "./runners.css" with { type: "text" };
import start from "./start.css" with { type: "text" };
import states from "./states.css" with { type: "text" };
import status from "./status.css" with { type: "text" };
import tables from "./tables.css" with { type: "text" };

/** The stylesheet, in the order in which later rules win: ground, frame, controls, then pages; narrow screens last. */
export const styles: Record<string, string> = {
  "base.css": base,
  "frame.css": frame,
  "states.css": states,
  "controls.css": controls,
  "tables.css": tables,
  "drawings.css": drawings,
  "overview.css": overview,
  "monitor.css": monitor,
  "run.css": run,
  "collections.css": collections,
  "editing.css": editing,
  "changes.css": changes,
  "reports.css": reports,
  "runners.css": runners,
  "status.css": status,
  "start.css": start,
  "alerts.css": alerts,
  "reference.css": reference,
  "narrow.css": narrow,
  "print.css": print,
};
