import type { Context } from "hono";

/** Where a request came from, for the audit trail and the list of calls. */
export interface Origin {
  /** Of the connection, so behind a proxy it is the proxy's: a header could be made up. Empty when unknown. */
  address: string;
  userAgent: string;
}

/** Longer ones are nobody's. */
const MAX_USER_AGENT = 300;

export const originOf = (c: Context): Origin => ({
  address: addressOf(c),
  userAgent: storableText(c.req.header("user-agent") ?? "", MAX_USER_AGENT),
});

export function addressOf(c: Context): string {
  // The server hands itself to the app; a request made inside the process comes without.
  const server: unknown = c.env;
  return isServer(server) ? (server.requestIP(c.req.raw)?.address ?? "") : "";
}

/** What the database would refuse is taken out: one such text would stop a whole batch. */
export const storableText = (text: string, maxLength: number): string =>
  text.slice(0, maxLength).toWellFormed().replaceAll("\u0000", "");

interface Server {
  requestIP(request: Request): { address: string } | null;
}

const isServer = (value: unknown): value is Server =>
  typeof value === "object" &&
  value !== null &&
  "requestIP" in value &&
  typeof value.requestIP === "function";
