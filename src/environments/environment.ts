import { AppError } from "../lib/errors.ts";
import { isRecord } from "../lib/parse.ts";
import type { SecretBox } from "../lib/seal.ts";

/** One variable as it was sent: unknown keys stay. */
export type EnvironmentValue = Record<string, unknown>;

export interface EnvironmentInput {
  name?: string;
  values?: EnvironmentValue[];
}

const isSecret = (value: EnvironmentValue): boolean => value["type"] === "secret";

/** Values of secrets become `{"$sealed": "<base64>"}`; the rest is stored as sent. */
export const sealValues = (box: SecretBox, values: EnvironmentValue[]): EnvironmentValue[] =>
  values.map((variable) =>
    isSecret(variable) && variable["value"] !== undefined
      ? { ...variable, value: { $sealed: box.seal(JSON.stringify(variable["value"])) } }
      : variable,
  );

/** The reverse; only secrets are opened, so a look-alike in an ordinary value stays what it is. */
export const openValues = (box: SecretBox, values: EnvironmentValue[]): EnvironmentValue[] =>
  values.map((variable) => {
    const { value } = variable;
    if (!isSecret(variable) || !isRecord(value) || typeof value["$sealed"] !== "string") return variable;
    return { ...variable, value: JSON.parse(box.open(value["$sealed"])) as unknown };
  });

/** Reads the `environment` object of a change; 400 in Postman's words, naming the field. */
export function parseEnvironment(body: Record<string, unknown>): EnvironmentInput {
  const { name, values } = body;
  const problems = [
    ...(name === undefined ? [] : problemsOfName(name)),
    ...(values === undefined ? [] : problemsOfValues(values, "environment.values")),
  ];
  if (problems.length > 0) throw unfit(problems, "environment");
  return {
    // Both were checked above, field by field.
    ...(name !== undefined && { name: name as string }),
    ...(values !== undefined && { values: values as EnvironmentValue[] }),
  };
}

/** The same for a new one, which needs a name. */
export function parseNewEnvironment(body: Record<string, unknown>): EnvironmentInput & { name: string } {
  const { name, ...rest } = parseEnvironment(body);
  if (name === undefined) throw unfit(["environment: must have required property 'name'"], "environment");
  return { name, ...rest };
}

/** Postman's limit for the description of a global variable, in characters. */
const MAX_DESCRIPTION_CHARS = 512;

/** Reads the body that replaces the globals of a workspace; 400 in Postman's words, naming the field. */
export function parseGlobals(body: Record<string, unknown>): EnvironmentValue[] {
  const { values } = body;
  if (values === undefined) throw unfit([": must have required property 'values'"], "globals");
  const problems = problemsOfValues(values, "values");
  if (problems.length > 0) throw unfit(problems, "globals");
  // Checked above, entry by entry.
  const variables = values as EnvironmentValue[];
  const tooLong = variables.flatMap(({ description }, index) =>
    typeof description === "string" && description.length > MAX_DESCRIPTION_CHARS
      ? [`values.${index}.description: must NOT have more than ${MAX_DESCRIPTION_CHARS} characters`]
      : [],
  );
  if (tooLong.length > 0) throw unfit(tooLong, "globals");
  return variables;
}

function problemsOfName(name: unknown): string[] {
  if (typeof name !== "string") return ["environment.name: must be string"];
  if (name.trim() === "") return ["environment.name: must NOT have fewer than 1 characters"];
  return name.includes("\0") ? ["environment.name: must not hold a NUL character"] : [];
}

function problemsOfValues(values: unknown, root: string): string[] {
  if (!Array.isArray(values)) return [`${root}: must be array`];
  return values.flatMap((value: unknown, index) => {
    const path = `${root}.${index}`;
    if (!isRecord(value)) {
      throw new AppError("bad_request", `Invalid type: ${typeName(value)} (expected object) at ${path}`, {
        name: "malformedRequestError",
      });
    }
    if (value["key"] === undefined) return [`${path}: must have required property 'key'`];
    if (typeof value["key"] !== "string") return [`${path}.key: must be string`];
    if (value["key"].includes("\0")) return [`${path}.key: must not hold a NUL character`];
    if (value["enabled"] !== undefined && typeof value["enabled"] !== "boolean") {
      return [`${path}.enabled: must be boolean`];
    }
    return [];
  });
}

const typeName = (value: unknown): string => {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
};

const unfit = (problems: string[], noun: "environment" | "globals"): AppError =>
  new AppError("bad_request", `Found ${problems.length} errors with the supplied ${noun}.`, {
    name: "malformedRequestError",
    details: problems.slice(0, 20),
  });
