import { promisify } from "node:util";
import { gzip } from "node:zlib";

import type { Context } from "hono";

import type { Database } from "../../db/connect.ts";
import type { AppEnv } from "../access/context.ts";
import { type AnswerKey, readAnswerPart, storeAnswer } from "./answer-store.ts";
import { decorate } from "./collection.ts";
import { listForkMarks } from "./forks/marks.ts";
import { collectionNotFound } from "./reach.ts";
import { type Collection, type CollectionHead, findCollection } from "./store.ts";

const compress = promisify(gzip);
/** A collection that is edited and read in turns is compressed for each read: half the work for 1.4 times the size. */
const LEVEL = 1;
/** Of a stored answer that is read at once: what a megabyte of JSON becomes fits. */
const PART_BYTES = 512 * 1024;

type Part = Uint8Array<ArrayBuffer>;

/**
 * A whole collection as the API answers it. The answer to a revision is made once, when it is first asked for, and kept
 * compressed: reading a collection is then neither parsing nor writing JSON, and the document is never held whole. What
 * an answer says beside the document (owner, times, fork) changes with the revision only.
 */
export async function answerCollection(
  c: Context<AppEnv>,
  database: Database,
  head: CollectionHead,
): Promise<Response> {
  const stored = await readAnswerPart(database, head, { from: 0, sizeBytes: PART_BYTES });
  const { key, totalBytes, part } = stored ? { ...stored, key: head } : await makeAnswer(database, head.id);
  const isWhole = part.byteLength === totalBytes;
  const body = isWhole ? part : streamAnswer(database, key, { first: part, totalBytes });
  c.header("content-type", "application/json");
  c.header("vary", "Accept-Encoding");
  if (!acceptsGzip(c.req.header("accept-encoding"))) {
    return c.body(streamOf(body).pipeThrough(new DecompressionStream("gzip")));
  }
  c.header("content-encoding", "gzip");
  return c.body(body);
}

const streamOf = (body: Part | ReadableStream<Part>): ReadableStream<Part> =>
  body instanceof Uint8Array ? new Blob([body]).stream() : body;

const acceptsGzip = (header: string | undefined): boolean =>
  (header ?? "").split(",").some((offer) => /^\s*(gzip|\*)\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(offer));

/** Makes and keeps the answer to the newest revision. */
async function makeAnswer(
  database: Database,
  id: string,
): Promise<{ key: AnswerKey; part: Part; totalBytes: number }> {
  const collection = await findCollection(database, id);
  if (!collection) throw collectionNotFound(id, "not_found");
  const body = await compress(await textOf(database, collection), { level: LEVEL });
  await storeAnswer(database, collection, body);
  return { key: collection, part: body, totalBytes: body.byteLength };
}

async function textOf(database: Database, collection: Collection): Promise<string> {
  const fork = (await listForkMarks(database, [collection.id])).get(collection.id);
  return JSON.stringify({ collection: decorate(collection.document, { ...collection, fork }) });
}

/** The answer part by part, as fast as it is taken. A change in the middle breaks it off: half of each would be nonsense. */
function streamAnswer(
  database: Database,
  key: AnswerKey,
  { first, totalBytes }: { first: Part; totalBytes: number },
): ReadableStream<Part> {
  let sentBytes = 0;
  return new ReadableStream<Part>(
    {
      async pull(controller) {
        const part =
          sentBytes === 0
            ? first
            : (await readAnswerPart(database, key, { from: sentBytes, sizeBytes: PART_BYTES }))?.part;
        if (!part) throw new Error("the collection was changed while it was read");
        controller.enqueue(part);
        sentBytes += part.byteLength;
        if (sentBytes >= totalBytes) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
