import { isDeepStrictEqual } from "node:util";

import type { z } from "zod";

import { AppError } from "../../lib/errors.ts";
import { describeIssues } from "../../lib/parse.ts";
import type { Step } from "./plan.ts";

/** What is to be done about one element; `changed` undefined = it is not there. */
export function planElement(
  step: Pick<Step, "kind" | "name" | "workspace">,
  {
    changed,
    create,
    update,
  }: { changed: string[] | undefined; create: () => Promise<void>; update: () => Promise<void> },
): Step {
  if (!changed) return { ...step, action: "create", run: create };
  if (changed.length === 0) return { ...step, action: "unchanged" };
  return { ...step, action: "update", detail: changed.join(", "), run: update };
}

/** The fields of `wanted` that are not so in `known`. */
export const differing = (wanted: object, known: object): string[] => {
  const before = new Map<string, unknown>(Object.entries(known));
  return Object.entries(wanted)
    .filter(([name, value]) => !isDeepStrictEqual(value, before.get(name)))
    .map(([name]) => name);
};

export const only = (fields: object, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));

/** As the control plane reads it, before it is asked; one sentence about what is wrong. `by` begins it. */
export function readAs<T>(schema: z.ZodType<T>, value: unknown, by: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new AppError(
    "bad_request",
    `${by} is not as it should be: ${(describeIssues(parsed.error)[0] ?? "").replace(/\.$/, "")}.`,
  );
}

/** What the control plane refuses, with what it is about. */
export async function naming<T>(by: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "bad_request") throw error;
    throw new AppError("bad_request", `${by} is not as it should be: ${error.message}`, { cause: error });
  }
}
