/** One saved path, taken apart for the steps of the comparison. */
export interface ExamplePath {
  text: string;
  /** Without slashes at its end. */
  bare: string;
  lower: string;
  lowerBare: string;
  /** With the same mark in the place of every segment that looks like an id. */
  masked: string;
  maskedBare: string;
  /** All digits in it. */
  digits: string;
  /** Lower case; `name` is set for a wildcard. */
  segments: { lower: string; name?: string }[];
  hasWildcards: boolean;
}

const nothing: ReadonlyMap<string, string> = new Map();
/** Stands for an id; no path holds it. */
const ID_MARK = "\u0000";
/** Paths that differ in more characters are different paths, not misspelt ones. */
const MAX_DISTANCE = 2;

// Paths come from strangers: each pattern here looks at a character once.

/** Letters, digits, `_` and `-` with at least one digit; `v2` is a version. */
const isIdLike = (segment: string): boolean =>
  /\d/.test(segment) && /^[\w-]+$/.test(segment) && !/^v\d+$/i.test(segment);

/** Removes slashes at the end; the root stays. */
function withoutSlash(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return path.slice(0, end);
}

/** `/a%20b` as people write it; what cannot be decoded stays. */
export function decodePath(path: string): string {
  return path
    .split("/")
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch {
        return segment;
      }
    })
    .join("/");
}

const segmentsOf = (bare: string): string[] => (bare === "/" ? [] : bare.slice(1).split("/"));

/** The name in a segment that is all variable: `{{id}}`, or a path variable `:id` without a value. */
const wildcardName = (segment: string): string | undefined =>
  /^\{\{([^{}]+)\}\}$/.exec(segment)?.[1]?.trim() || /^:([A-Za-z_][\w-]*)$/.exec(segment)?.[1];

/** Of a path that begins with a slash, variables put in. */
export function compilePath(path: string): ExamplePath {
  const text = decodePath(path);
  const bare = withoutSlash(text);
  const segments = segmentsOf(bare).map((segment) => {
    const name = wildcardName(segment);
    return { lower: segment.toLowerCase(), ...(name !== undefined && { name }) };
  });
  return {
    ...spellings(text, (segment) => isIdLike(segment) || wildcardName(segment) !== undefined),
    segments,
    hasWildcards: segments.some(({ name }) => name !== undefined),
  };
}

function spellings(text: string, isId: (segment: string) => boolean) {
  const masked = text
    .split("/")
    .map((segment) => (isId(segment) ? ID_MARK : segment))
    .join("/");
  const bare = withoutSlash(text);
  return {
    text,
    bare,
    lower: text.toLowerCase(),
    lowerBare: bare.toLowerCase(),
    masked,
    maskedBare: withoutSlash(masked),
    digits: bare.replace(/\D/g, ""),
  };
}

/** The path of a request: below the mock, decoded. */
export interface RequestPath extends Omit<ExamplePath, "segments" | "hasWildcards"> {
  /** As sent, decoded. */
  segments: string[];
  lowerSegments: string[];
}

export function parseRequestPath(path: string): RequestPath {
  const text = decodePath(path);
  const segments = segmentsOf(withoutSlash(text));
  const lowerSegments = segments.map((segment) => segment.toLowerCase());
  return { ...spellings(text, isIdLike), segments, lowerSegments };
}

/**
 * Postman's first steps, the first that fits: equal 100, slash at the end 95, case 90, both 85, wildcards 80. Undefined when
 * none does.
 */
export function scoreClose(
  example: ExamplePath,
  request: RequestPath,
  wildcards: boolean,
): number | undefined {
  if (example.lowerBare !== request.lowerBare) {
    return wildcards && example.hasWildcards && fitsWildcards(example, request) ? 80 : undefined;
  }
  if (example.text === request.text) return 100;
  if (example.bare === request.bare) return 95;
  return example.lower === request.lower ? 90 : 85;
}

/** Its last ones, for a path that `scoreClose` says nothing of: ids 79, slash and ids 75, a slip of the pen 70. */
export function scoreLoose(example: ExamplePath, request: RequestPath): number | undefined {
  if (example.masked === request.masked) return 79;
  if (example.maskedBare === request.maskedBare) return 75;
  return isMisspelt(example, request) ? 70 : undefined;
}

/** Whole segments only; a wildcard takes no empty one. Case and slashes at the end make no difference. */
const fitsWildcards = (example: ExamplePath, request: RequestPath): boolean =>
  example.segments.length === request.lowerSegments.length &&
  example.segments.every(({ lower, name }, index) => {
    const sent = request.lowerSegments[index];
    return name === undefined ? lower === sent : sent !== "";
  });

/** By position, also for an example that was named outright and whose path is another. */
export function capturesOf(example: ExamplePath, request: RequestPath): ReadonlyMap<string, string> {
  if (!example.hasWildcards || example.segments.length !== request.segments.length) return nothing;
  return new Map(
    example.segments.flatMap(({ name }, index) =>
      name === undefined ? [] : [[name, request.segments[index] ?? ""] as const],
    ),
  );
}

/** As many segments, the same digits, and at most two characters and a quarter of the path are wrong. */
function isMisspelt(example: ExamplePath, request: RequestPath): boolean {
  const [left, right] = [example.lowerBare, request.lowerBare];
  if (example.hasWildcards || Math.abs(left.length - right.length) > MAX_DISTANCE) return false;
  if (example.segments.length !== request.segments.length) return false;
  if (example.digits !== request.digits) return false;
  const allowed = Math.min(MAX_DISTANCE, Math.floor(Math.max(left.length, right.length) / 4));
  return allowed > 0 && isWithin(left, right, allowed);
}

/** Whether `left` becomes `right` with at most `allowed` characters put in, taken out or replaced. */
function isWithin(left: string, right: string, allowed: number): boolean {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      const changed = Math.min(previous[column] ?? 0, current[column - 1] ?? 0) + 1;
      const distance = Math.min(replaced, changed);
      least = Math.min(least, distance);
      current.push(distance);
    }
    if (least > allowed) return false;
    previous = current;
  }
  return (previous[right.length] ?? 0) <= allowed;
}
