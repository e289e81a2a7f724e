import { AppError, toError } from "../lib/errors.ts";

/** What Postgres says when it is not able to, by its codes: nothing is wrong with the request, and later it will work. */
const sentences: Record<string, string> = {
  "53100": "The disk of the database is full, so nothing can be stored; its operator has to make room.",
  "53200": "The database has no memory left; try again in a moment.",
  "53300": "The database takes no more connections; try again in a moment.",
  "53400": "The database has reached a limit of its configuration; its operator has to raise it.",
  "57P01": "The database is being stopped; try again in a moment.",
  "57P02": "The database has stopped by itself; try again in a moment.",
  "57P03": "The database is starting; try again in a moment.",
  "58030": "The database cannot read or write its files; its operator has to look at them.",
  "25006":
    "The database takes no changes at the moment, it may be changing over to another server; try again in a moment.",
};

const unreachable = "The database cannot be reached; try again in a moment.";

/** Codes of the driver and of the system for a connection that is not there, or broke. */
const connectionCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "CONNECT_TIMEOUT",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOENT",
]);

/** A database that cannot do its work at the moment, as an error for its reader; undefined for any other error. */
export function asUnavailable(thrown: unknown): AppError | undefined {
  const error = toError(thrown);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code === undefined) return undefined;
  const isOfDriver = connectionCodes.has(code) && (code !== "ENOENT" || isConnecting(error));
  const sentence = sentences[code] ?? (isOfDriver ? unreachable : undefined);
  return sentence === undefined ? undefined : new AppError("unavailable", sentence, { cause: error });
}

/** The socket of an embedded Postgres is a file, which is missing while it is down; so may any other file be. */
const isConnecting = (error: Error): boolean => "syscall" in error && error.syscall === "connect";
