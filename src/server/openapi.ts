import type { Hono } from "hono";
import { z } from "zod";

import type { AppEnv } from "../access/context.ts";
import { docOf, type EndpointDoc } from "../access/endpoint.ts";
import { VERSION } from "../lib/version.ts";

/** One endpoint below `/api`, as it is routed and as it describes itself. */
export interface Endpoint {
  /** Upper case. */
  method: string;
  /** As an OpenAPI path, without `/api`: `/collections/{id}`. */
  path: string;
  /** Undefined where the route was mounted without `documented`. */
  doc: EndpointDoc | undefined;
}

/** Every route of the API, in the order of mounting; catch-alls and middleware are none. */
export function listEndpoints(api: Hono<AppEnv>): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const { method, path, handler } of api.routes) {
    if (method === "ALL" || path.endsWith("*")) continue;
    const key = `${method} ${path}`;
    const doc = docOf(handler) ?? found.get(key)?.doc;
    found.set(key, { method, path: toOpenApiPath(path), doc });
  }
  return [...found.values()];
}

/** `:id` and `:path{.+}` of the router become `{id}` and `{path}`. */
const toOpenApiPath = (path: string): string => path.replaceAll(/:(\w+)(\{[^/]*\})?/g, "{$1}");

/** The API as OpenAPI 3.1, from the schemas that its handlers read with. `serverUrl` is what paths hang below. */
export function describeApi(endpoints: readonly Endpoint[], serverUrl: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, doc } of endpoints) {
    if (doc) (paths[path] ??= {})[method.toLowerCase()] = describeOperation(method, path, doc);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sallyport API",
      version: VERSION,
      description:
        "The paths, bodies and errors of the Postman API, served by your own installation, and what private monitoring needs beside them.",
    },
    servers: [{ url: serverUrl }],
    security: [{ apiKey: [] }],
    tags: [...new Set(endpoints.flatMap(({ doc }) => (doc ? [doc.tag] : [])))]
      .toSorted()
      .map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: { apiKey: { type: "apiKey", in: "header", name: "X-Api-Key" } },
      responses: sharedResponses,
      schemas: { Error: classicError, Problem: problemBody },
    },
  };
}

function describeOperation(method: string, path: string, doc: EndpointDoc) {
  const { summary, description, tag, body, query } = doc;
  return {
    operationId: operationId(method, path),
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    ...(doc.open !== undefined && { security: [] }),
    parameters: [...pathParameters(path), ...(query ? queryParameters(query) : [])],
    ...(body && {
      requestBody: { required: true, content: { "application/json": { schema: toSchema(body) } } },
    }),
    responses: responsesOf(doc, path),
  };
}

/** `GET /monitors/{id}/runs` is `getMonitorsByIdRuns`. */
export const operationId = (method: string, path: string): string =>
  path
    .split("/")
    .filter((segment) => segment !== "")
    .reduce((name, segment) => name + nameOf(segment), method.toLowerCase());

const nameOf = (segment: string): string => {
  const words = segment.startsWith("{") ? ["By", ...segment.slice(1, -1).split("-")] : segment.split("-");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
};

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));

const queryParameters = (query: z.ZodObject) =>
  Object.entries(query.shape).map(([name, schema]) => ({
    name,
    in: "query",
    // The shape of an object is typed by zod's core, of which every schema of ours is one.
    required: !(schema as z.ZodType).safeParse(undefined).success,
    schema: toSchema(schema as z.ZodType),
  }));

function responsesOf(
  { answer, status = 200, contentType = "application/json", body, open }: EndpointDoc,
  path: string,
) {
  const schema = answer ? toSchema(answer, "output") : {};
  return {
    [status]: {
      description: status === 204 ? "Done; no body." : "Done.",
      ...(answer !== null && status !== 204 && { content: { [contentType]: { schema } } }),
    },
    ...(body && { 400: refer("BadRequest") }),
    ...(open === undefined && { 401: refer("Unauthenticated"), 403: refer("Forbidden") }),
    ...(path.includes("{") && { 404: refer("NotFound") }),
    429: refer("RateLimited"),
  };
}

const refer = (name: keyof typeof sharedResponses) => ({ $ref: `#/components/responses/${name}` });

function toSchema(schema: z.ZodType, io: "input" | "output" = "input") {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return described;
}

const classicError = {
  type: "object",
  required: ["error"],
  properties: {
    error: {
      type: "object",
      required: ["name", "message"],
      properties: { name: { type: "string" }, message: { type: "string" }, details: {} },
    },
  },
};

const problemBody = {
  type: "object",
  required: ["type", "title", "detail", "status"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    detail: { type: "string" },
    status: { type: "integer" },
    instance: { type: "string" },
  },
};

const failed = (description: string) => ({
  description,
  content: {
    "application/json": { schema: { $ref: "#/components/schemas/Error" } },
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
  },
});

const sharedResponses = {
  BadRequest: failed("The body or a parameter is wrong; the message names the first problem."),
  Unauthenticated: failed("There is no key, or it is unknown, revoked or expired."),
  Forbidden: failed("The key, or whose key it is, may not do this."),
  NotFound: failed("There is nothing of that id."),
  RateLimited: failed("Too many calls; `Retry-After` says when to come back, in seconds."),
};
