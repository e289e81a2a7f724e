import type { Context } from "hono";

import type { AppEnv } from "../../access/context.ts";
import type { ReachedMonitor } from "../reach.ts";
import { askedSpan } from "../span.ts";
import { parseView } from "../statistics/view.ts";
import { fileName } from "./stream.ts";
import type { ExportContent, ExportFormat, ExportOrder } from "./write.ts";

/** What a request for a file asks for: filters and span as the address of the page of a monitor has them. */
export function orderOf(
  c: Context<AppEnv>,
  monitor: ReachedMonitor,
  { content, format, now }: { content: ExportContent; format: ExportFormat; now: Date },
): ExportOrder {
  const { trigger, result, runner, request } = parseView((name) => c.req.query(name), now);
  return {
    monitorId: monitor.id,
    monitorName: monitor.name,
    content,
    format,
    span: askedSpan(c, now),
    trigger,
    result,
    runnerId: runner,
    requestId: request,
  };
}

export const fileNameOf = ({ monitorName, content, format }: ExportOrder): string =>
  fileName(`${monitorName}-${content}`, format);
