import { newId } from "../../../src/lib/ids.ts";
import { listEndpoints, type Endpoint } from "../../../src/server/openapi.ts";
import type { TestApi } from "../../support/api.ts";

/** Ids by the segment before them (`collections`), or by that and the one before (`folders/comments`). */
export type Known = Record<string, string>;

/** Every endpoint below `/api`, without that prefix. */
export const endpointsOf = (api: TestApi): Endpoint[] =>
  listEndpoints(api.app)
    .filter(({ path }) => path.startsWith("/api/"))
    .map((endpoint) => ({ ...endpoint, path: endpoint.path.slice("/api".length) }));

export const nameOf = ({ method, path }: Pick<Endpoint, "method" | "path">): string => `${method} ${path}`;

/** The path with the known ids in it; throws for one that the story has not made. */
export function fill(path: string, known: Known): string {
  const segments = path.split("/");
  return segments
    .map((segment, index) => {
      if (!segment.startsWith("{")) return segment;
      const parents = segments.slice(0, index).filter((parent) => parent !== "" && !parent.startsWith("{"));
      const [last = "", before = ""] = parents.toReversed();
      const id = known[`${before}/${last}`] ?? known[last] ?? known[segment.slice(1, -1)];
      if (id === undefined) throw new Error(`the story makes nothing for ${segment} of ${path}`);
      return encodeURIComponent(id);
    })
    .join("/");
}

/** Where an endpoint is asked. What answers 501 whatever it is asked for needs no real ids. */
export const addressOf = (endpoint: Endpoint, known: Known): string =>
  fill(endpoint.path, endpoint.doc?.status === 501 ? unknownIds() : known);

/** Ids of nothing; words of closed lists are words. */
export const unknownIds = (): Known =>
  new Proxy<Known>({}, { get: (_, name) => closedWords.get(String(name)) ?? newId() });

const closedWords = new Map([
  ["specs/generations", "collection"],
  ["collections/generations", "spec"],
]);

/** The endpoint that answers a call. A literal segment is closer than a parameter. */
export function endpointOf(
  endpoints: readonly Endpoint[],
  method: string,
  path: string,
): Endpoint | undefined {
  const asked = path.replace(/\?.*$/s, "").split("/");
  const fits = endpoints.filter((endpoint) => {
    const segments = endpoint.path.split("/");
    return (
      endpoint.method === method &&
      segments.length === asked.length &&
      segments.every((segment, index) => segment.startsWith("{") || segment === asked[index])
    );
  });
  const parameters = (endpoint: Endpoint) => endpoint.path.split("{").length;
  return fits.toSorted((one, other) => parameters(one) - parameters(other))[0];
}
