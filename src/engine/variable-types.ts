const types = new Set(["string", "boolean", "number", "array", "object", "any"]);

/** A variable keeps its type when it is set as one that there is not. */
export const isType = (type: unknown): type is string =>
  typeof type === "string" && types.has(type.toLowerCase());

/** How a value is kept in a variable of a type: Postman's types that are not listed keep it as it is. */
export function castIn(type: string | undefined, value: unknown): unknown {
  switch ((type ?? "any").toLowerCase()) {
    case "string":
      return textOf(value);
    case "boolean":
      return Boolean(value);
    case "number":
      return numberOf(value);
    case "array":
    case "object":
      return typeof value === "string" ? value : jsonOf(value);
    default:
      return value;
  }
}

/** What scripts get: lists and objects are kept as JSON. Undefined where that is none of the type. */
export function castOut(type: string | undefined, value: unknown): unknown {
  const name = type?.toLowerCase();
  if (name !== "array" && name !== "object") return castIn(name, value);
  const parsed = parsedOf(value);
  const fits = typeof parsed === "object" && parsed !== null && Array.isArray(parsed) === (name === "array");
  return fits ? parsed : undefined;
}

/** A script may set anything, even what cannot be made a text or a number. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "";
  }
}

function numberOf(value: unknown): number {
  try {
    return Number(value);
  } catch {
    return Number.NaN;
  }
}

function jsonOf(value: unknown): unknown {
  try {
    return JSON.stringify(value);
  } catch {
    return "null";
  }
}

function parsedOf(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return undefined;
  }
}
