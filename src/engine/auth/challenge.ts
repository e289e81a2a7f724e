import type { HttpResponse } from "../http/client.ts";
import { isHeader } from "../http/headers.ts";

/** Challenges of one scheme among the `WWW-Authenticate` headers, each as the text after the scheme's name. */
export function challengesOf({ headers }: HttpResponse, scheme: string): string[] {
  // A header may list challenges: a scheme stands at its start or behind a comma.
  const start = new RegExp(`(?:^|,)\\s*${scheme}(?:\\s+(.*)|(?=\\s*(?:,|$)))`, "i");
  return headers.flatMap(([name, value]) => {
    const match = isHeader(name, "www-authenticate") ? start.exec(value) : null;
    return match ? [match[1] ?? ""] : [];
  });
}

/** A name is tried only from its first letter: a long one must not be tried from every letter. */
const parameter = /(?<![a-z-])([a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/gi;

/** `name="value"` and `name=value` pairs, names in lower case; the first of several with one name counts. */
export function challengeParameters(challenge: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", quoted, token = ""] of challenge.matchAll(parameter))
    found[name.toLowerCase()] ??= quoted ?? token;
  return found;
}

export const isUnauthorized = ({ code }: HttpResponse): boolean => code === 401 || code === 403;
