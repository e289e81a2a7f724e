import type { MiddlewareHandler } from "hono";
import type { z } from "zod";

import type { AppEnv } from "./context.ts";

/** What `/api/openapi.json` says of an endpoint. The schemas are those that its handler reads with. */
export interface EndpointDoc {
  /** One line, in the imperative: "List collections". */
  summary: string;
  /** The group that it stands in, e.g. "Collections". */
  tag: string;
  /** More than a line, where the summary is not enough. */
  description?: string;
  query?: z.ZodObject;
  /** Of the JSON body; absent = the endpoint reads none. */
  body?: z.ZodType;
  /** Of the answer that succeeds; null = an empty one, absent = JSON of any shape. */
  answer?: z.ZodType | null;
  /** Of the answer that succeeds; default 200. */
  status?: number;
  /** Type of the answer; default `application/json`. */
  contentType?: string;
  /** Answers without a key; of what, and why that is right. */
  open?: string;
}

type Handler = MiddlewareHandler<AppEnv>;

const docs = new WeakMap<object, EndpointDoc>();
const passOn: Handler = (_c, next) => next();

/**
 * Describes the route that it stands in: `routes.get("/me", documented({ … }), handler)`. Passes the request on;
 * a test finds every route below `/api` that has none.
 */
export function documented(doc: EndpointDoc): Handler {
  // A function of its own for each route: it is what the description is found by.
  const handler = passOn.bind(undefined);
  docs.set(handler, doc);
  return handler;
}

/** Undefined for a handler that describes nothing. */
export const docOf = (handler: object): EndpointDoc | undefined => docs.get(handler);
