import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

import type { AppEnv } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";

const MB = 1024 * 1024;
/** Of a body that nobody wants; whoever sends more sees a broken connection. */
const MAX_SKIPPED_BYTES = 200 * MB;

export const bodyLimits = {
  collection: 20 * MB,
  /** Postman's own limit. */
  environment: 30 * MB,
  other: 1 * MB,
} as const;

/** Answers a body that is too large in its own way; undefined = as everywhere. */
export type RefuseBody = (c: Context<AppEnv>, message: string) => Promise<Response> | undefined;

/** 413 with one sentence for a longer body, before anybody reads it into memory. */
export const limitBody = (pick: (path: string) => number, refuse?: RefuseBody) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const maxBytes = pick(c.req.path);
    const declared = c.req.header("content-length");
    if (declared !== undefined && c.req.header("transfer-encoding") === undefined) {
      if (Number(declared) <= maxBytes) return next();
      const error = tooLarge(maxBytes);
      const answer = refuse?.(c, error.message);
      if (!answer) throw error;
      // A browser shows no answer that comes while it still sends.
      await skip(c.req.raw.body);
      return answer;
    }
    if (c.req.raw.body) {
      const body = await readAtMost(c.req.raw.body, maxBytes);
      c.req.raw = new Request(c.req.url, {
        method: c.req.method,
        headers: c.req.raw.headers,
        body,
        signal: c.req.raw.signal,
      });
    }
    await next();
  });

/** The limit of a path, below `/api` and among the pages alike. */
export function limitOfPath(path: string): number {
  if (/^(\/api)?\/collections(\/|$)/.test(path)) return bodyLimits.collection;
  // With all answers in it, which are not kept.
  if (path === "/api/collectionruns") return bodyLimits.collection;
  if (/^(\/api\/specs|\/api\/import|\/specs)(\/|$)/.test(path)) return bodyLimits.collection;
  if (/^(\/api)?\/environments(\/|$)/.test(path)) return bodyLimits.environment;
  if (/\/global-variables\/?$/.test(path)) return bodyLimits.environment;
  return bodyLimits.other;
}

async function skip(stream: ReadableStream<Uint8Array> | null): Promise<void> {
  let size = 0;
  for await (const chunk of stream ?? []) {
    size += chunk.byteLength;
    if (size > MAX_SKIPPED_BYTES) return;
  }
}

async function readAtMost(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(new Uint8Array(chunk));
  }
  return new Blob(chunks);
}

const tooLarge = (maxBytes: number): AppError =>
  new AppError(
    "too_large",
    `Request size limit exceeded: at most ${maxBytes / MB} MB are accepted here; split the document or remove saved responses.`,
    // Postman's endpoints of environments answer in the newer form.
    maxBytes === bodyLimits.environment ? { problem: {} } : {},
  );
