import { isObject } from "../json.ts";
import type { CollectionDocument } from "../types.ts";
import { FormatError } from "./document.ts";

/** Format v1 has its requests in one list and names them in `order`. */
export const isV1 = (document: Record<string, unknown>): boolean =>
  Array.isArray(document["requests"]) && !isObject(document["info"]);

/** Postman's own conversion to v2.1; ids are kept, because scripts and people name requests by them. */
export async function convertV1(document: Record<string, unknown>): Promise<CollectionDocument> {
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
