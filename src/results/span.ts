import type { Context } from "hono";

import type { AppEnv } from "../access/context.ts";
import type { Span } from "./statistics/plan.ts";
import { parseView, spanOfView } from "./statistics/view.ts";

/** Parameters that name a span, as the page of a monitor has them in its address. */
const spanParameters = ["range", "from", "to", "at"] as const;

/** What of them a request carries, so that links keep it. */
export const spanQuery = (c: Context<AppEnv>): Record<string, string | undefined> =>
  Object.fromEntries(spanParameters.map((name) => [name, c.req.query(name)]));

const hasSpan = (c: Context<AppEnv>): boolean =>
  spanParameters.some((name) => (c.req.query(name) ?? "") !== "");

/** The span that a page is about; without one in the address, the range. */
export function spanOf(c: Context<AppEnv>, now: Date, range: "7d" | "30d"): Span {
  const query = (name: string) => (name === "range" && !hasSpan(c) ? range : c.req.query(name));
  return spanOfView(parseView(query, now), now);
}

/** The span that is asked for; undefined = everything that is kept. */
export const askedSpan = (c: Context<AppEnv>, now: Date): Span | undefined =>
  hasSpan(c)
    ? spanOfView(
        parseView((name) => c.req.query(name), now),
        now,
      )
    : undefined;
