import { join } from "node:path";

/** Stands for the address of the recording server in every text of a case; replaced before the run. */
export const BASE = "@@BASE@@";
/** The same server under its other name: another host for cookies, redirects and credentials. */
export const OTHER_BASE = "@@OTHER@@";
export const PORT = "@@PORT@@";

/** Folder of the files that bodies name. */
export const FILES: string = join(import.meta.dir, "files");

export type Json = Record<string, unknown>;

/** One collection that both runners execute, with everything that belongs to the run. */
export interface Case {
  /** Unique; the feature and the rule that is looked at. */
  id: string;
  collection: Json;
  environment?: Json;
  globals?: Json;
  data?: Json[];
  options?: CaseOptions;
}

/** Options that both runners have, in the words of `newman run`. */
export interface CaseOptions {
  iterationCount?: number;
  /** Names of folders or requests. */
  folder?: string[];
  bail?: "folder" | "failure";
  ignoreRedirects?: boolean;
  timeoutRequest?: number;
  timeoutScript?: number;
  /** Where the paths of files start. */
  workingDir?: string;
}

type Pair = [key: string, value: unknown];

export const pairs = (values: Record<string, unknown> | Pair[]): Json[] =>
  (Array.isArray(values) ? values : Object.entries(values)).map(([key, value]) => ({ key, value }));

export const event = (listen: string, code: string): Json => ({
  listen,
  script: { type: "text/javascript", exec: code.split("\n") },
});

interface Scripts {
  pre?: string;
  test?: string;
}

export const events = ({ pre, test }: Scripts): Json =>
  pre === undefined && test === undefined
    ? {}
    : {
        event: [
          ...(pre === undefined ? [] : [event("prerequest", pre)]),
          ...(test === undefined ? [] : [event("test", test)]),
        ],
      };

/** A request with an id of its own: newman invents random ones. */
export const item = (name: string, request: unknown, more: Scripts & Json = {}): Json => {
  const { pre, test, ...rest } = more;
  return {
    name,
    id: `id-${name}`,
    request,
    ...events({ ...(pre === undefined ? {} : { pre }), ...(test === undefined ? {} : { test }) }),
    ...rest,
  };
};

export const folder = (name: string, items: Json[], more: Scripts & Json = {}): Json => {
  const { pre, test, ...rest } = more;
  return {
    name,
    id: `id-${name}`,
    item: items,
    ...events({ ...(pre === undefined ? {} : { pre }), ...(test === undefined ? {} : { test }) }),
    ...rest,
  };
};

export const get = (path: string, more: Json = {}): Json => ({
  method: "GET",
  url: `${BASE}${path}`,
  ...more,
});
export const post = (path: string, more: Json = {}): Json => ({ ...get(path, more), method: "POST" });

export const collection = (items: Json[], more: Scripts & Json = {}): Json => {
  const { pre, test, ...rest } = more;
  return {
    info: {
      _postman_id: "collection-id",
      name: "Collection",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item: items,
    ...events({ ...(pre === undefined ? {} : { pre }), ...(test === undefined ? {} : { test }) }),
    ...rest,
  };
};

export const environment = (values: Record<string, unknown> | Json[]): Json => ({
  id: "environment-id",
  name: "Environment",
  values: Array.isArray(values) ? values : pairs(values).map((variable) => ({ ...variable, enabled: true })),
});

/** One case for each entry: the same shape of collection, one thing varied. */
export const table = <T>(
  prefix: string,
  entries: Record<string, T>,
  make: (entry: T) => Omit<Case, "id">,
): Case[] => Object.entries(entries).map(([name, entry]) => ({ id: `${prefix}: ${name}`, ...make(entry) }));

/** A collection of one request whose script is what is looked at. */
export const testScripts = (prefix: string, scripts: Record<string, string>, path = "/json"): Case[] =>
  table(prefix, scripts, (test) => ({ collection: collection([item("Request", get(path), { test })]) }));

export const preScripts = (
  prefix: string,
  scripts: Record<string, string>,
  request: Json = get("/json"),
): Case[] =>
  table(prefix, scripts, (pre) => ({ collection: collection([item("Request", request, { pre })]) }));

export const requests = (prefix: string, all: Record<string, unknown>, more: Json = {}): Case[] =>
  table(prefix, all, (request) => ({ collection: collection([item("Request", request)], more) }));
