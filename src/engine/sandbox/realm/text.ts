/** Text of whatever a script passes where its documentation says text. */
export const toString = (value: unknown): string => (typeof value === "string" ? value : String(value));
