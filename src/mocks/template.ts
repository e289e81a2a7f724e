import { dynamicVariable } from "../lib/dynamic-variables.ts";
import { unreachable } from "../lib/errors.ts";
import { isRecord } from "../lib/parse.ts";

/** What a `{{…}}` of an example becomes when it is served; texts in between are themselves. */
type Part =
  | string
  | { kind: "dynamic"; name: string }
  | { kind: "capture"; name: string }
  | { kind: "request"; source: Source; path: string[] | undefined; fallback: string };

const sources = ["body", "queryParams", "pathSegments", "headers"] as const;
type Source = (typeof sources)[number];

/** A text with its variables put in; what is left depends on the request. */
export interface Template {
  parts: Part[];
}

/** What a template can take from a request. */
export interface TemplateContext {
  /** Values of wildcards in the path, by name. */
  captures: ReadonlyMap<string, string>;
  /** The body as text, and as JSON or form fields where it is that. */
  body: { text: string; value: unknown };
  query: readonly (readonly [string, string])[];
  /** Decoded, from the first after the mock's own. */
  segments: readonly string[];
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
}

/** Variables may name variables, this often at most. */
const MAX_ROUNDS = 19;
/** Neither variables that contain each other nor a body that is echoed a thousand times may fill the memory. */
export const MAX_TEXT_CHARS = 16 * 1024 * 1024;

/** Spaces inside are cut off afterwards: a pattern that skips them itself takes the cube of their number. */
const placeholder = /\{\{([^{}]*)\}\}/g;
const helper = /^\$(\w+)(?:\s+(?:'([^']*)'|"([^"]*)"))?(?:\s+(?:'([^']*)'|"([^"]*)"))?$/;

export class TemplateTooLarge extends Error {
  override readonly name = "TemplateTooLarge";
}

/** Puts variables in, those in their values too; names that are none stay. Throws `TemplateTooLarge`. */
export type Expand = (text: string) => string;

/** All texts together may grow by `MAX_TEXT_CHARS`: a collection has many. */
export function createExpander(variables: ReadonlyMap<string, string>): Expand {
  let grown = 0;
  const replace = (match: string, name: string): string => {
    const value = variables.get(name.trim());
    if (value === undefined) return match;
    grown += Math.max(0, value.length - match.length);
    if (grown > MAX_TEXT_CHARS) throw new TemplateTooLarge();
    return value;
  };
  return (text) => {
    let current = text;
    for (let round = 0; round < MAX_ROUNDS && current.includes("{{"); round++) {
      const next = current.replace(placeholder, replace);
      if (next === current) return current;
      current = next;
    }
    return current;
  };
}

/**
 * Variables are put in here, once and for all. What a request brings is put in when it is served and is never looked at
 * again: otherwise a caller could send `{{password}}` in a path and read the environment.
 */
export function compileTemplate(text: string, expand: Expand): Template {
  const parts: Part[] = [];
  const expanded = expand(text);
  let end = 0;
  for (const match of expanded.matchAll(placeholder)) {
    const part = partOf((match[1] ?? "").trim());
    if (part === undefined) continue;
    if (match.index > end) parts.push(expanded.slice(end, match.index));
    parts.push(part);
    end = match.index + match[0].length;
  }
  if (end < expanded.length) parts.push(expanded.slice(end));
  return { parts };
}

/** Undefined for what stays as it stands. */
function partOf(inside: string): Part | undefined {
  if (inside === "") return undefined;
  if (!inside.startsWith("$")) return { kind: "capture", name: inside };
  const [, name = "", single, double, singleDefault, doubleDefault] = helper.exec(inside) ?? [];
  const source = sources.find((known) => known === name);
  if (source === undefined) return { kind: "dynamic", name: inside };
  const path = single ?? double;
  return {
    kind: "request",
    source,
    path: path === undefined || path === "" ? undefined : splitPath(path),
    fallback: singleDefault ?? doubleDefault ?? "",
  };
}

/** `a.b` are two steps, `a\.b` is one. */
const splitPath = (path: string): string[] =>
  path.split(/(?<!\\)\./).map((step) => step.replaceAll("\\.", "."));

/** Characters that it keeps in memory. */
export const sizeOf = ({ parts }: Template): number =>
  parts.reduce((sum, part) => sum + (typeof part === "string" ? part.length : 0), 0);

/** The text when no request changes it. */
export function staticText({ parts }: Template): string | undefined {
  if (parts.length === 0) return "";
  const [only, ...more] = parts;
  return more.length === 0 && typeof only === "string" ? only : undefined;
}

/** The text for one request. Throws `TemplateTooLarge`. */
export function renderTemplate({ parts }: Template, context: TemplateContext): string {
  let text = "";
  for (const part of parts) {
    text += typeof part === "string" ? part : valueOf(part, context);
    if (text.length > MAX_TEXT_CHARS) throw new TemplateTooLarge();
  }
  return text;
}

function valueOf(part: Exclude<Part, string>, context: TemplateContext): string {
  switch (part.kind) {
    case "dynamic":
      return dynamicVariable(part.name) ?? `{{${part.name}}}`;
    case "capture":
      return context.captures.get(part.name) ?? `{{${part.name}}}`;
    case "request":
      return requestValue(part, context) ?? part.fallback;
    default:
      return unreachable(part);
  }
}

function requestValue(
  { source, path }: Extract<Part, { kind: "request" }>,
  { body, query, segments, headers }: TemplateContext,
): string | undefined {
  const [first = ""] = path ?? [];
  switch (source) {
    case "body":
      return path === undefined ? body.text : asText(follow(body.value, path));
    case "queryParams":
      return path === undefined
        ? JSON.stringify(Object.fromEntries(query))
        : query.find(([name]) => name === path.join("."))?.[1];
    case "pathSegments":
      return path === undefined ? JSON.stringify(segments) : segments[Number(first)];
    case "headers":
      return path === undefined
        ? JSON.stringify(Object.fromEntries(headers))
        : headers.get(path.join(".").toLowerCase());
    default:
      return unreachable(source);
  }
}

/** Own members only: `constructor` is nobody's body. */
function follow(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const step of path) {
    if (Array.isArray(current)) current = current[Number(step)];
    else if (isRecord(current) && Object.hasOwn(current, step)) current = current[step];
    else return undefined;
  }
  return current;
}

function asText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
