import { asObjects, isObject } from "../json.ts";
import type { CollectionDocument } from "../types.ts";
import { FormatError } from "./document.ts";

/** Format v1 has its requests in one list and names them in `order`. */
export const isV1 = (document: Record<string, unknown>): boolean =>
  Array.isArray(document["requests"]) && !isObject(document["info"]);

/** Postman's own conversion to v2.1; ids are kept, because scripts and people name requests by them. */
export async function convertV1(
  document: Record<string, unknown>,
): Promise<{ content: CollectionDocument; warnings: string[] }> {
  const content = await transform(document);
  const lost = asObjects(document["requests"]).length - countRequests(content);
  // The conversion follows the lists of order; a request that none of them names, or a circle of folders, is lost.
  const warning = `${lost} of its requests are in no folder and in no order, so they are left out.`;
  return { content, warnings: lost > 0 ? [warning] : [] };
}

function countRequests(content: CollectionDocument): number {
  let count = 0;
  const left = asObjects(content["item"]);
  for (let item = left.pop(); item; item = left.pop()) {
    if (Array.isArray(item["item"])) left.push(...asObjects(item["item"]));
    else count++;
  }
  return count;
}

async function transform(document: Record<string, unknown>): Promise<CollectionDocument> {
  const { default: transformer } = await import("postman-collection-transformer");
  const options = { inputVersion: "1.0.0", outputVersion: "2.1.0", retainIds: true } as const;
  const { promise, resolve, reject } = Promise.withResolvers<CollectionDocument>();
  const refuse = (why: unknown) => {
    const reason = why instanceof Error ? why.message : String(why);
    reject(new FormatError(`is a collection of the old format v1 that cannot be converted: ${reason}.`));
  };
  try {
    transformer.convert(document, options, (error, converted) => {
      if (error) return refuse(error);
      if (!isObject(converted)) return refuse("the result is no collection");
      return resolve(converted);
    });
  } catch (error) {
    refuse(error);
  }
  return promise;
}
