import type { MockConfig } from "../../db/schema.ts";
import type { Example } from "./example.ts";
import { capturesOf, type ExamplePath, type RequestPath, scoreClose, scoreLoose } from "./path.ts";

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
  const best = findBest(ofCode, request, config);
  if (!best) return { none: NO_MATCH };
  const captures = config.matchWildcards ? capturesOf(best.path, request.path) : new Map<string, string>();
  return { example: best.example, captures };
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

interface Scored {
  example: Example;
  path: ExamplePath;
  score: number;
}

type ScorePath = (path: ExamplePath) => number | undefined;

/** Equal parameters, and an equal body. */
const MAX_EXTRA = 10 + 5;
/** Of `scoreLoose`. */
const MAX_LOOSE = 79;

/** Thousands of examples are gone through for every call, so nothing is made of those that do not fit. */
function findBest(
  examples: readonly Example[],
  request: MockRequest,
  config: MockConfig,
): Scored | undefined {
  const close: ScorePath = (path) => scoreClose(path, request.path, config.matchWildcards);
  const judge = judgeOf(request, config);
  const best = findBestBy(examples, close, judge);
  // What is only similar cannot win any more, and takes longer to find.
  if (best && best.score > MAX_LOOSE + MAX_EXTRA) return best;
  return findBestBy(examples, (path) => close(path) ?? scoreLoose(path, request.path), judge);
}

type Judge = (example: Example) => number | undefined;

/** What query, headers and body add to the score of the path; undefined = the example is out. */
function judgeOf(request: MockRequest, config: MockConfig): Judge {
  const headerNames = headersToMatch(request.headers, config);
  const matchBody = bodyIsMatched(request.headers, config);
  return (example) => {
    if (!headersFit(example, request.headers, headerNames)) return undefined;
    const isSameBody = example.requestBody === request.body;
    if (matchBody && !isSameBody) return undefined;
    const query = config.matchQueryParams ? scoreQuery(example.query, request.query) : 0;
    return query + (!matchBody && isSameBody ? 5 : 0);
  };
}

/** The highest score; of equal ones the first with 200, else the first. */
function findBestBy(examples: readonly Example[], scorePath: ScorePath, judge: Judge): Scored | undefined {
  let best: Scored | undefined;
  for (const example of examples) {
    for (const path of example.paths) {
      const ofPath = scorePath(path);
      if (ofPath === undefined || (best && ofPath + MAX_EXTRA < best.score)) continue;
      const extra = judge(example);
      if (extra === undefined) continue;
      const score = ofPath + extra;
      if (!best || score > best.score || (score === best.score && isBetter(example, best.example))) {
        best = { example, path, score };
      }
    }
  }
  return best;
}

/** Between equal scores, `later` being the later one by id. */
const isBetter = (later: Example, earlier: Example): boolean =>
  later.statusCode === 200 && earlier.statusCode !== 200;

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

/** Further parameters of a query make no difference: each is compared with each. */
const MAX_PARAMS = 200;

/**
 * 10 when all parameters are equal, a part of 10 when some are, else one point off for each that the other side lacks, ten at
 * most. A parameter with another value, or that is equal but for its case, is a partial match.
 */
export function scoreQuery(
  saved: readonly (readonly [string, string])[],
  sent: readonly (readonly [string, string])[],
): number {
  const expected = saved.slice(0, MAX_PARAMS);
  const open = sent.slice(0, MAX_PARAMS);
  const take = (fits: (param: readonly [string, string]) => boolean): boolean => {
    const index = open.findIndex(fits);
    if (index !== -1) open.splice(index, 1);
    return index !== -1;
  };
  const unequal = expected.filter(
    ([name, value]) => !take((param) => param[0] === name && param[1] === value),
  );
  const missing = unequal.filter(
    ([name]) => !take((param) => param[0].toLowerCase() === name.toLowerCase()),
  ).length;
  const matches = expected.length - unequal.length;
  const partial = unequal.length - missing;
  const lacking = missing + open.length;
  if (partial + lacking === 0) return 10;
  return matches > 0 ? (10 * matches) / (matches + partial + lacking) : -Math.min(10, lacking);
}
