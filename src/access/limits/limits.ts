import { parseDuration, parseWholeNumber } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";

/** Each limit counts for itself; a call may fall under several. */
export const limitNames = [
  "user",
  "collections",
  "workspaces",
  "workspace-updates",
  "monitors",
  "import",
  "mocks",
  "month",
] as const;
export type LimitName = (typeof limitNames)[number];

export interface Limit {
  /** Calls per window. */
  allowed: number;
  /** Null = the calendar month, in UTC. */
  windowSeconds: number | null;
}

/** Null = switched off. */
export type Limits = Readonly<Record<LimitName, Limit | null>>;

/** Those of Postman's cloud. Its monthly allowance depends on the plan; this is the largest. */
export const postmanLimits: Limits = {
  user: { allowed: 300, windowSeconds: 60 },
  collections: { allowed: 10, windowSeconds: 10 },
  workspaces: { allowed: 10, windowSeconds: 10 },
  "workspace-updates": { allowed: 20, windowSeconds: 60 },
  monitors: { allowed: 10, windowSeconds: 10 },
  import: { allowed: 10, windowSeconds: 10 },
  mocks: { allowed: 120, windowSeconds: 60 },
  month: { allowed: 1_000_000, windowSeconds: null },
};

export const noLimits: Limits = withAll(null);

function withAll(limit: Limit | null): Limits {
  const entries = limitNames.map((name) => [name, limit]);
  // Made of all names of a limit, and of nothing else.
  return Object.fromEntries(entries) as Limits;
}

/**
 * `user=600/60s,monitors=off,month=50000` on top of Postman's; `off` alone switches off all of them. Throws `usage` for
 * anything else.
 */
export function parseLimits(text: string): Limits {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  let limits: Limits = postmanLimits;
  for (const part of parts) {
    if (part === "off") limits = noLimits;
    else {
      const { name, limit } = parseOne(part);
      limits = { ...limits, [name]: limit };
    }
  }
  return limits;
}

/** More could not be counted in a column of the database. */
const MAX_ALLOWED = 1_000_000_000;
const DAY_SECONDS = 86_400;

function parseOne(part: string): { name: LimitName; limit: Limit | null } {
  const [key = "", value = ""] = part.split("=").map((side) => side.trim());
  const name = limitNames.find((known) => known === key);
  if (!name) {
    throw new AppError("usage", `--rate-limit knows no limit "${key}": there are ${limitNames.join(", ")}.`);
  }
  if (value === "off") return { name, limit: null };
  const [count = "", window] = value.split("/");
  const allowed = parseWholeNumber(count, `--rate-limit ${name}`, { min: 1, max: MAX_ALLOWED });
  if (name === "month" && window === undefined) return { name, limit: { allowed, windowSeconds: null } };
  if (name === "month" || window === undefined) {
    const form = name === "month" ? "month=100000" : `${name}=300/60s`;
    throw new AppError("usage", `--rate-limit ${part} is not understood: write ${form} or ${name}=off.`);
  }
  const windowSeconds = parseDuration(window) / 1000;
  if (Number.isInteger(windowSeconds) && windowSeconds <= DAY_SECONDS)
    return { name, limit: { allowed, windowSeconds } };
  throw new AppError("usage", `--rate-limit ${name} needs a window of whole seconds, 1s to 1d.`);
}

/** As in Postman: reading a list is dearer than reading one collection. */
const limitsOfPaths: readonly [LimitName, RegExp][] = [
  ["collections", /^(GET|HEAD) \/collections$/],
  ["workspaces", /^(GET|HEAD) \/workspaces(\/[^/]+)?$/],
  ["workspace-updates", /^(PUT|PATCH) \/workspaces\//],
  ["monitors", /^\w+ \/monitors(\/|$)/],
  ["import", /^\w+ \/import\/openapi$/],
];

/** The limits that a call falls under; `path` is below `/api`. */
export const limitsOfCall = (method: string, path: string): LimitName[] => [
  "month",
  "user",
  ...limitsOfPaths.flatMap(([name, pattern]) => (pattern.test(`${method} ${path}`) ? [name] : [])),
];
