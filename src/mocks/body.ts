import { isNestedDeeperThan, isRecord } from "../lib/parse.ts";

/** Name and value; of a file the value is empty, because collections do not hold files. */
export type FormField = [name: string, value: string];

const MAX_DEPTH = 200;

/**
 * A body in the form in which two that mean the same are equal: JSON without regard to spaces and the order of members, form
 * fields as a list, else the text. Empty for an empty body.
 */
export function canonicalBody(body: { text: string } | { fields: FormField[] }): string {
  if ("fields" in body) return body.fields.length === 0 ? "" : `form:${JSON.stringify(body.fields)}`;
  const trimmed = body.text.trim();
  if (trimmed === "") return "";
  const json = parsedJson(trimmed);
  return json === undefined ? `text:${trimmed}` : `json:${JSON.stringify(sorted(json))}`;
}

/** Undefined for what is none, or nests so deep that nobody meant it. */
export function parsedJson(text: string): unknown {
  if (isNestedDeeperThan(text, MAX_DEPTH)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

/** What a caller sent, read once. */
export interface RequestBody {
  text: string;
  /** JSON, or form fields by name; undefined for other bodies. */
  value: unknown;
  canonical: string;
}

/** Reads a body as its content type says. A form that cannot be read is text. */
export async function readRequestBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string,
): Promise<RequestBody> {
  const text = new TextDecoder().decode(bytes);
  const fields = await fieldsOf(bytes, text, contentType);
  if (fields) return { text, value: Object.fromEntries(fields), canonical: canonicalBody({ fields }) };
  return { text, value: parsedJson(text), canonical: canonicalBody({ text }) };
}

async function fieldsOf(
  bytes: Uint8Array<ArrayBuffer>,
  text: string,
  contentType: string,
): Promise<FormField[] | undefined> {
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return [...new URLSearchParams(text)];
  if (!/^multipart\/form-data\b/i.test(contentType)) return undefined;
  try {
    const form = await new Response(bytes, { headers: { "content-type": contentType } }).formData();
    return [...form].map(([name, value]) => [name, typeof value === "string" ? value : ""]);
  } catch {
    return undefined;
  }
}
