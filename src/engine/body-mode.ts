const modes = new Set(["raw", "urlencoded", "formdata", "graphql", "file"]);

/** The mode of a body as it is meant: capitals do not matter, and what is unknown is raw, as in Postman. */
export function bodyMode(mode: unknown): string {
  const name = String(mode).toLowerCase();
  return modes.has(name) ? name : "raw";
}
