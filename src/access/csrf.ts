import { randomBytes } from "node:crypto";

import { AppError } from "../lib/errors.ts";
import { equalInConstantTime, hashSecret } from "../lib/ids.ts";

/** Name of the hidden field in forms, and of the header that htmx sends. */
export const CSRF_FIELD = "csrf";
export const CSRF_HEADER = "x-csrf-token";

/**
 * A token of a session: derived, so there is nothing to store; without the cookie nobody can compute it. Another one each
 * time: pages are sent compressed beside text that a stranger may have put into the address, and of a text that is
 * always the same the length of the answer would tell (BREACH).
 */
export const csrfTokenOf = (
  sessionToken: string,
  salt: string = randomBytes(9).toString("base64url"),
): string => `${salt}.${hashSecret(`csrf ${salt} ${sessionToken}`)}`;

export const isSafeMethod = (method: string): boolean =>
  method === "GET" || method === "HEAD" || method === "OPTIONS";

/** 403 unless the sent token is one of the session's. */
export function verifyCsrf(sessionToken: string | undefined, sent: unknown): void {
  if (typeof sent === "string" && sessionToken !== undefined && sent.includes(".")) {
    const [salt] = sent.split(".", 1);
    if (equalInConstantTime(csrfTokenOf(sessionToken, salt), sent)) return;
  }
  throw new AppError("forbidden", "This form is out of date; reload the page and try again.", {
    name: "csrfError",
  });
}

/**
 * 403 for a request that another site made the browser send. Browsers tell by `Sec-Fetch-Site` (only in secure
 * contexts) or `Origin`; a request with neither did not come from a browser's form and has no cookie to abuse.
 */
export function verifySameOrigin(headers: Headers, publicUrl: string): void {
  const site = headers.get("sec-fetch-site");
  if (site === "same-origin" || site === "none") return;
  const origin = headers.get("origin");
  if (site === null && origin === null) return;
  if (site === null && origin !== null && isOwnOrigin(origin, headers.get("host"), publicUrl)) return;
  throw new AppError("forbidden", "This request came from another site and was refused.", {
    name: "csrfError",
  });
}

function isOwnOrigin(origin: string, host: string | null, publicUrl: string): boolean {
  if (!URL.canParse(origin)) return false;
  const sent = new URL(origin);
  return sent.host === host || sent.origin === new URL(publicUrl).origin;
}
