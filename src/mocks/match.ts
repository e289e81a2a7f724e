import type { MockConfig } from "../../db/schema.ts";
import type { Example } from "./example.ts";
import { capturesOf, type PathMatch, type RequestPath, scorePath } from "./path.ts";

/** What the choice of an example depends on. */
export interface MockRequest {
  path: RequestPath;
  query: [string, string][];
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  /** See `canonicalBody`. */
  body: string;
}

export type Choice =
  | { example: Example; captures: ReadonlyMap<string, string> }
  /** One sentence for the caller. */
  | { none: string };

const NO_MATCH = "Double check your method and the request path and try again.";

/**
 * Postman's matching algorithm on the examples of one method, which are ordered by id. Headers that name an example come
 * first; then path, query and body make a score, and the highest answers. The first with 200, else the first, when several are equal.
 */
export function chooseExample(
  examples: readonly Example[],
  request: MockRequest,
  config: MockConfig,
): Choice {
  const code = request.headers.get("x-mock-response-code");
  const ofCode =
    code === undefined ? examples : examples.filter(({ statusCode }) => String(statusCode) === code.trim());
  const named = chooseNamed(ofCode, request.headers);
  if (named) {
    const { example } = named;
    if (!example) return { none: named.none };
    const path = example.paths.find(({ hasWildcards }) => hasWildcards);
    return { example, captures: path ? capturesOf(path, request.path) : new Map() };
  }
  const best = firstOf(highest(scoreAll(ofCode, request, config)));
  return best ?? { none: NO_MATCH };
}

/** Undefined when no header names an example. */
function chooseNamed(
  examples: readonly Example[],
  headers: ReadonlyMap<string, string>,
): { example: Example | undefined; none: string } | undefined {
  const id = headers.get("x-mock-response-id")?.trim();
  if (id) {
    const bare = id.replace(/^\d+-(?=[0-9a-f]{8}-)/i, "").toLowerCase();
    const example = examples.find((known) => known.id.toLowerCase() === bare);
    return { example, none: `No example with the id ${id} is saved for this method.` };
  }
  const name = headers.get("x-mock-response-name");
  if (!name) return undefined;
  const named = examples.filter((known) => known.name === name);
  return {
    example: named.find(({ statusCode }) => statusCode === 200) ?? named[0],
    none: `No example named "${name}" is saved for this method.`,
  };
}

interface Scored extends PathMatch {
  example: Example;
}

function scoreAll(examples: readonly Example[], request: MockRequest, config: MockConfig): Scored[] {
  const headerNames = headersToMatch(request.headers, config);
  const matchBody = bodyIsMatched(request.headers, config);
  return examples.flatMap((example) => {
    const match = bestPath(example, request.path, config);
    if (!match || !headersFit(example, request.headers, headerNames)) return [];
    const isSameBody = example.requestBody === request.body;
    if (matchBody && !isSameBody) return [];
    const query = config.matchQueryParams ? scoreQuery(example.query, request.query) : 0;
    return [{ ...match, example, score: match.score + query + (!matchBody && isSameBody ? 5 : 0) }];
  });
}

function bestPath(example: Example, path: RequestPath, config: MockConfig): PathMatch | undefined {
  let best: PathMatch | undefined;
  for (const known of example.paths) {
    const match = scorePath(known, path, { wildcards: config.matchWildcards });
    if (match && match.score > (best?.score ?? 0)) best = match;
  }
  return best;
}

/** The header of a request wins over the configuration. */
function headersToMatch(headers: ReadonlyMap<string, string>, config: MockConfig): string[] {
  const asked = headers.get("x-mock-match-request-headers");
  const names = asked === undefined ? (config.matchHeader ? config.headers : []) : asked.split(",");
  return names.map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
}

function bodyIsMatched(headers: ReadonlyMap<string, string>, config: MockConfig): boolean {
  const asked = headers.get("x-mock-match-request-body")?.trim().toLowerCase();
  return asked === "true" || (asked !== "false" && config.matchBody);
}

const headersFit = (example: Example, sent: ReadonlyMap<string, string>, names: readonly string[]): boolean =>
  names.every((name) => example.requestHeaders.get(name)?.toLowerCase() === sent.get(name)?.toLowerCase());

/**
 * 10 when all parameters are equal, a part of 10 when some are, else one point off for each that the other side lacks, ten at
 * most. A parameter with another value, or that is equal but for its case, is a partial match.
 */
export function scoreQuery(
  saved: readonly (readonly [string, string])[],
  sent: readonly (readonly [string, string])[],
): number {
  const open = [...sent];
  const take = (fits: (param: readonly [string, string]) => boolean): boolean => {
    const index = open.findIndex(fits);
    if (index !== -1) open.splice(index, 1);
    return index !== -1;
  };
  const unequal = saved.filter(([name, value]) => !take((param) => param[0] === name && param[1] === value));
  const missing = unequal.filter(
    ([name]) => !take((param) => param[0].toLowerCase() === name.toLowerCase()),
  ).length;
  const matches = saved.length - unequal.length;
  const partial = unequal.length - missing;
  const lacking = missing + open.length;
  if (partial + lacking === 0) return 10;
  return matches > 0 ? (10 * matches) / (matches + partial + lacking) : -Math.min(10, lacking);
}

function highest(scored: readonly Scored[]): Scored[] {
  const top = scored.reduce((score, one) => Math.max(score, one.score), -Infinity);
  return scored.filter(({ score }) => score === top);
}

const firstOf = (equal: readonly Scored[]): Scored | undefined =>
  equal.find(({ example }) => example.statusCode === 200) ?? equal[0];
