import { invalidParam, paramMissing } from "../access/request.ts";
import { AppError } from "../lib/errors.ts";

export const visibilities = ["personal", "private", "team", "public", "partner"] as const;
export type Visibility = (typeof visibilities)[number];

export interface WorkspaceInput {
  name?: string;
  type?: Visibility;
  description?: string | null;
  about?: string;
}

/** 400 in Postman's words for a type that is none. */
export function parseVisibility(text: unknown): Visibility {
  const found = visibilities.find((known) => known === text);
  if (found) return found;
  throw new AppError("bad_request", "visibilityStatus must be one of personal/private/team/public/partner", {
    name: "invalidParamError",
  });
}

/** Reads the `workspace` object of a change; unknown fields are ignored, as Postman does. */
export function parseWorkspace(body: Record<string, unknown>): WorkspaceInput {
  const input: WorkspaceInput = {};
  if (body["name"] !== undefined) input.name = plainText(body["name"], "name");
  if (input.name?.trim() === "") throw invalidParam("name", "workspace.name must not be empty");
  if (body["type"] !== undefined) input.type = parseVisibility(body["type"]);
  if (body["about"] !== undefined) input.about = plainText(body["about"] ?? "", "about");
  if (body["description"] !== undefined) {
    input.description = body["description"] === null ? null : plainText(body["description"], "description");
  }
  return input;
}

/** The same for a new one, which needs a name and a type. */
export function parseNewWorkspace(body: Record<string, unknown>) {
  const { name, type, ...rest } = parseWorkspace(body);
  if (name === undefined) throw paramMissing(...(type === undefined ? ["name", "type"] : ["name"]));
  if (type === undefined) throw paramMissing("type");
  return { name, type, ...rest };
}

function plainText(value: unknown, field: string): string {
  if (typeof value !== "string") throw invalidParam(field, `workspace.${field} must be string`);
  // Postgres stores no NUL in a text.
  if (value.includes("\0")) throw invalidParam(field, `workspace.${field} must not hold a NUL character`);
  return value;
}
