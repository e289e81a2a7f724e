import type { Context } from "hono";

import type { Limiter, LimitAsk, Standing, Verdict } from "./limiter.ts";

/**
 * Counts a call. The answer that refuses it, with Postman's body and headers, or undefined when it may go on; then
 * `setLimitHeaders` goes onto its own answer.
 */
export async function refuseBeyondLimits(
  c: Context,
  limiter: Limiter,
  asks: readonly LimitAsk[],
): Promise<{ refusal: Response | undefined; verdict: Verdict }> {
  const verdict = await limiter.take(asks);
  return { refusal: verdict.isAllowed ? undefined : tooMany(c, verdict), verdict };
}

/** Postman's body: flat for a limit of short windows, an object for the monthly allowance. */
function tooMany(c: Context, verdict: Verdict): Response {
  setLimitHeaders(c, verdict);
  const exceeded = verdict.standings.filter(({ isExceeded }) => isExceeded);
  const month = exceeded.find(({ limit }) => limit === "month");
  if (month) {
    const message = `You have used the ${month.allowed} calls of this month; the next month begins at ${month.resetAt.toISOString()}.`;
    return c.json({ error: { name: "serviceLimitExhausted", message } }, 429);
  }
  const until = Math.max(...exceeded.map(epochSeconds));
  return c.json({ error: "rateLimited", message: `Rate limit exceeded. Please retry after ${until}` }, 429);
}

/** Every header of Postman's; of several limits, those of the one that is nearest to its end. */
export function setLimitHeaders(c: Context, { standings }: Verdict): void {
  const month = standings.find(({ limit }) => limit === "month");
  const [nearest] = standings.filter(({ limit }) => limit !== "month").toSorted(byUrgency);
  const [refusing] = standings.filter(({ isExceeded }) => isExceeded).toSorted(byUrgency);
  const headers = {
    ...(nearest && windowHeaders(nearest)),
    ...(month && monthHeaders(month)),
    ...(refusing && {
      "Retry-After": refusing.resetSeconds,
      RetryAfter: refusing.resetSeconds,
      "X-RateLimit-RetryAfter": refusing.resetSeconds,
    }),
  };
  for (const [name, value] of Object.entries(headers)) c.header(name, String(value));
}

/** What refuses first, of that what lasts longest; else what has least left. */
const byUrgency = (left: Standing, right: Standing): number =>
  Number(right.isExceeded) - Number(left.isExceeded) ||
  (left.isExceeded ? right.resetSeconds - left.resetSeconds : left.remaining - right.remaining);

const windowHeaders = (standing: Standing) => {
  const { allowed, remaining, resetSeconds, windowSeconds } = standing;
  return {
    "RateLimit-Limit": allowed,
    "RateLimit-Remaining": remaining,
    "RateLimit-Reset": resetSeconds,
    RateLimit: `limit=${allowed}, remaining=${remaining}, reset=${resetSeconds}`,
    "RateLimit-Policy": `${allowed};w=${windowSeconds}`,
    "X-RateLimit-Limit": allowed,
    "X-RateLimit-Remaining": remaining,
    "X-RateLimit-Reset": epochSeconds(standing),
  };
};

const monthHeaders = ({ allowed, remaining }: Standing) => ({
  "RateLimit-Limit-Month": allowed,
  "RateLimit-Remaining-Month": remaining,
  "X-RateLimit-Limit-Month": allowed,
  "X-RateLimit-Remaining-Month": remaining,
});

const epochSeconds = ({ resetAt }: Standing): number => Math.ceil(resetAt.getTime() / 1000);
