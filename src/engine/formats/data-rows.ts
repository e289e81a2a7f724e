import { isObject, type JsonObject } from "../json.ts";
import { parseCsv, type Field } from "./csv.ts";
import { FormatError } from "./document.ts";

/** Rows of a data file, one for each iteration: a JSON list of objects, else CSV with a header. Throws `FormatError`. */
export function parseDataRows(text: string): JsonObject[] {
  const json = parseJson(text.replace(/^\uFEFF/, ""));
  if (json === undefined) return rowsOfCsv(text);
  if (Array.isArray(json) && json.length > 0 && json.every(isObject)) return json;
  throw new FormatError(
    "is not a list of objects, one for each iteration, nor CSV with the names of its columns in the first row.",
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function rowsOfCsv(text: string): JsonObject[] {
  if (/^\s*[[{]/.test(text)) throw new FormatError("begins like JSON but is not: it cannot be parsed.");
  const [header = [], ...rows] = parseCsv(text);
  if (rows.length === 0)
    throw new FormatError(
      "has no rows of data: the first row names the columns, each further one is an iteration.",
    );
  const names = header.map(({ text: name }) => name);
  return rows.map((row) =>
    Object.fromEntries(
      names.flatMap((name, column) => {
        const field = row[column];
        return name === "" || field === undefined ? [] : [[name, valueOf(field)]];
      }),
    ),
  );
}

const decimal = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

/**
 * As Postman does: what looks like a number is one, unless it stands in quotes. Numbers that would not stay what they
 * are, such as long ids, are left as text.
 */
function valueOf({ text, isQuoted }: Field): unknown {
  if (isQuoted || !decimal.test(text)) return text;
  const number = Number(text);
  const isExact = Number.isFinite(number) && (Number.isSafeInteger(number) || !Number.isInteger(number));
  return isExact ? number : text;
}
