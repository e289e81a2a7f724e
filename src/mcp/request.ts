import { AppError } from "../lib/errors.ts";
import { type ApiCall, type Arguments, methodOf, pathOf, type Tool } from "./tool.ts";

type Place = "path" | "header" | "query" | "body" | "nowhere";

/** The call of the API that a tool with these (checked) arguments is. */
export function toApiCall(tool: Tool, args: Arguments): ApiCall {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(args)) {
    if (value === undefined) continue;
    const wire = tool.wire?.[name] ?? name;
    const place = placeOf(tool, name);
    if (place === "header") headers[wire.toLowerCase()] = textOf(value);
    if (place === "query") query.set(wire, textOf(value));
    if (place === "body") fields[wire] = value;
  }
  const search = query.size > 0 ? `?${query.toString()}` : "";
  const hasBody = Object.keys(tool.input).some((name) => placeOf(tool, name) === "body");
  return {
    method: methodOf(tool),
    path: fillPath(pathOf(tool), args) + search,
    ...(Object.keys(headers).length > 0 && { headers }),
    // Without fields it is `{}`: the API then says which of them is missing.
    ...(hasBody && { body: tool.document === undefined ? fields : fields[tool.document] }),
  };
}

function placeOf(tool: Tool, name: string): Place {
  if (name === "continueAt") return "nowhere";
  if (pathOf(tool).includes(`{${name}}`)) return "path";
  if (tool.headers?.includes(name)) return "header";
  return methodOf(tool) === "GET" || tool.query?.includes(name) ? "query" : "body";
}

/** Each argument is one segment: a slash in the name of a file must not become two, and two dots lead nowhere else. */
const fillPath = (path: string, args: Arguments): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const segment = textOf(args[name]);
    if (segment !== "" && segment !== "." && segment !== "..") return encodeURIComponent(segment);
    throw new AppError("bad_request", `${name} must be an id, not "${segment}".`);
  });

const textOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
