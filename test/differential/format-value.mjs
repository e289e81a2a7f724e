/** A logged value as our console shows it: texts as they are, everything else as JSON with the odd cases spelled out. */
export const formatValue = (value) => (typeof value === "string" ? value : format(value, new Set()));

function format(value, seen) {
  if (typeof value !== "object" || value === null) return scalar(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return JSON.stringify(value);
  if (value instanceof RegExp) return String(value);
  if (seen.has(value)) return "[Circular]";
  seen.add(value);
  const text = members(value, seen);
  seen.delete(value);
  return text;
}

function scalar(value) {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[Function: ${value.name || "anonymous"}]`;
  return String(value);
}

function members(value, seen) {
  if (Array.isArray(value)) return `[${value.map((item) => format(item, seen)).join(",")}]`;
  if (value instanceof Map)
    return `Map{${[...value].map(([key, item]) => `${format(key, seen)}=>${format(item, seen)}`).join(",")}}`;
  if (value instanceof Set) return `Set{${[...value].map((item) => format(item, seen)).join(",")}}`;
  if (ArrayBuffer.isView(value))
    return `${value.constructor.name}(${value.byteLength})[${[...value].join(",")}]`;
  if (typeof value.toJSON === "function") return format(value.toJSON(), seen);
  return `{${Object.keys(value)
    .map((key) => `${JSON.stringify(key)}:${format(value[key], seen)}`)
    .join(",")}}`;
}
