import type { Context } from "hono";

import type { FormErrors } from "../../web/parts/form.tsx";
import { AppError } from "../lib/errors.ts";
import type { AppEnv } from "./context.ts";

/** What a browser's form sent. */
export interface SentForm {
  /** Trimmed; empty when it was not sent. */
  text(name: string): string;
  /** As typed: passwords and documents. */
  raw(name: string): string;
  /** Every value of a group of checkboxes. */
  list(name: string): string[];
  /** Absent when no file was chosen. */
  file(name: string): File | undefined;
}

export async function readForm(c: Context<AppEnv>): Promise<SentForm> {
  const body = await c.req.parseBody({ all: true });
  const values = (name: string): (string | File)[] => {
    const value = body[name];
    if (value === undefined) return [];
    return Array.isArray(value) ? value : [value];
  };
  const raw = (name: string): string => values(name).find((value) => typeof value === "string") ?? "";
  return {
    raw,
    text: (name) => raw(name).trim(),
    list: (name) => values(name).filter((value) => typeof value === "string"),
    file: (name) => values(name).find((value) => value instanceof File && value.size > 0) as File | undefined,
  };
}

const MAX_SEARCH = 200;

/** What somebody searches for, as a query string holds it; NUL characters, which no text of Postgres has, are left out. */
export const searchText = (sent: string | undefined): string =>
  (sent ?? "").replaceAll("\0", "").trim().slice(0, MAX_SEARCH);

/** The caller's mistake as messages beside the fields; anything else is thrown on. */
export function formErrorsOf(error: unknown, fieldOfParam: Record<string, string> = {}): FormErrors {
  if (!(error instanceof AppError)) throw error;
  const { name, details } = error.body;
  const [first] = Array.isArray(details) ? details : [];
  // The one error of the API that names its field by its own name.
  const cron = name === "cronPatternNotAllowedError" ? "cron" : undefined;
  const param = Array.isArray(details) ? undefined : (details?.["param"] ?? cron);
  const field = typeof param === "string" ? (fieldOfParam[param] ?? param) : "";
  const message = readable(error.message);
  return { [field]: first === undefined || message.includes(first) ? message : `${message} First: ${first}` };
}

/** Throws on what no other entry in the form could make right. */
export function passOnForbidden(error: unknown): void {
  if (error instanceof AppError && error.code === "forbidden") throw error;
}

/** Messages of the API speak of requests; a person filled in a form. */
function readable(message: string): string {
  const text = message
    .replace(/^The request had invalid parameters: /, "")
    .replace(/^The request body /, "The document ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Pages with a secret on them: no cache may keep them. */
export const noStore = { "cache-control": "no-store" } as const;

/** A page, or the part of it that htmx refreshes: both have one address, so caches must tell them apart. */
export function answerPage(c: Context<AppEnv>, page: Markup, region: Markup): Response | Promise<Response> {
  c.header("vary", "hx-request");
  c.header("cache-control", "no-cache");
  return c.html(c.req.header("hx-request") === "true" ? region : page);
}

type Markup = Parameters<Context["html"]>[0];
