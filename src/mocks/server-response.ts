import { z } from "zod";

import { paramMissing } from "../access/request.ts";

const text = z
  .string()
  .max(1024 * 1024)
  .refine((value) => !value.includes("\0"), "must not hold a NUL character");

export const serverResponseFields = z.looseObject({
  name: text.trim().min(1).max(255).optional(),
  statusCode: z.int().min(500).max(599).optional(),
  headers: z
    .array(z.looseObject({ key: text.max(200), value: text.max(8192).default("") }))
    .max(100)
    .optional(),
  language: z.enum(["text", "javascript", "json", "html", "xml"]).nullish(),
  body: text.optional(),
});

/** Bodies of `POST` and `PUT`. */
export const serverResponseBody = z.looseObject({ serverResponse: serverResponseFields });

export interface ServerResponseInput {
  name?: string;
  statusCode?: number;
  headers?: { key: string; value: string }[];
  language?: "text" | "javascript" | "json" | "html" | "xml" | null;
  body?: string;
}

export function readServerResponse(sent: z.infer<typeof serverResponseFields>): ServerResponseInput {
  const { name, statusCode, headers, language, body } = sent;
  return {
    ...(name !== undefined && { name }),
    ...(statusCode !== undefined && { statusCode }),
    ...(headers && { headers: headers.map(({ key, value }) => ({ key, value })) }),
    ...(language !== undefined && { language }),
    ...(body !== undefined && { body }),
  };
}

/** For a new one. Throws 400 without a name or a status code. */
export function readNewServerResponse(
  sent: z.infer<typeof serverResponseFields>,
): ServerResponseInput & { name: string; statusCode: number } {
  const { name, statusCode, ...rest } = readServerResponse(sent);
  if (name === undefined) throw paramMissing("name");
  if (statusCode === undefined) throw paramMissing("statusCode");
  return { ...rest, name, statusCode };
}
