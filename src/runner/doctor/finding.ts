import { toError } from "../../lib/errors.ts";

/** What one check of the doctor found. */
export interface Finding {
  check: string;
  isFine: boolean;
  detail: string;
  /** What to do about it; absent when all is well. */
  advice?: string;
}

export const fine = (check: string, detail: string): Finding => ({ check, isFine: true, detail });

export const wrong = (check: string, detail: string, advice: string): Finding => ({
  check,
  isFine: false,
  detail,
  advice,
});

/** The code of a failed system call, or its message. */
export function reasonOf(thrown: unknown): string {
  for (let at: unknown = thrown; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string" && at.code !== "") return at.code;
  }
  return toError(thrown).message;
}
