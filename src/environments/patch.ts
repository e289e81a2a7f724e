import { z } from "zod";

import { problem } from "../lib/errors.ts";
import { applyPatch, invalidPath, type PatchOperation, patchOperation } from "../lib/json-patch.ts";
import { describeIssues, isRecord } from "../lib/parse.ts";
import { type EnvironmentInput, type EnvironmentValue, parseEnvironment } from "./environment.ts";

/** Of a list; more is a mistake. */
const MAX_OPERATIONS = 10_000;
const MAX_DESCRIPTION_CHARS = 512;

/** The body of `PATCH /environments/{id}`: JSON Patch, which Postman's client sends as `application/json`. */
export const patchBody = z.array(patchOperation).max(MAX_OPERATIONS);

/** Reads that body; 400 in Postman's words. */
export function parsePatch(body: unknown): PatchOperation[] {
  if (!Array.isArray(body)) throw problem("bad_request", "Patch sequence must be an array");
  const parsed = patchBody.safeParse(body);
  if (!parsed.success) {
    const details = describeIssues(parsed.error);
    throw problem("bad_request", details[0] ?? "", { detail: details });
  }
  return parsed.data;
}

/**
 * Name and values after the patch. Postman asks for one kind of operation in a call, but its own examples mix them: so
 * may everybody. Only the name, the variables and what is in them can be changed.
 */
export function patchEnvironment(
  environment: { name: string; values: EnvironmentValue[] },
  operations: readonly PatchOperation[],
): Required<EnvironmentInput> {
  for (const operation of operations) refuseUnfit(operation);
  const { name, values } = environment;
  const patched = applyPatch({ name, values }, operations);
  const { name: newName = "", values: newValues = [] } = parseEnvironment(isRecord(patched) ? patched : {});
  return { name: newName, values: newValues };
}

const pathOfEnvironment = /^\/(name|values(\/(-|\d+)(\/.*)?)?)$/;

function refuseUnfit({ op, path, from, value }: PatchOperation): void {
  const isReadOnly = op === "test" || op === "copy";
  if (!pathOfEnvironment.test(path)) throw invalidPath();
  if (from !== undefined && !pathOfEnvironment.test(from)) throw invalidPath();
  if (op === "remove" && (path === "/name" || path === "/values")) throw invalidPath();
  if (op === "move" && (from === "/name" || from === "/values")) throw invalidPath();
  if (isReadOnly || value === undefined) return;
  const problems = problemsOf(path, value);
  if (problems.length > 0) throw problem("bad_request", problems.join("; "), { detail: problems });
}

/** What is wrong with a value at its place: `/values/1/value: must be a string`. */
function problemsOf(path: string, value: unknown): string[] {
  const [, , index, property, ...deeper] = path.split("/");
  if (path === "/values")
    return isRecordList(value) ? value.flatMap((v, at) => problemsOfVariable(`${path}/${at}`, v)) : [];
  if (index === undefined) return typeof value === "string" ? [] : [`${path}: must be a string`];
  if (property === undefined) return problemsOfVariable(path, value);
  return deeper.length > 0 ? [] : problemsOfProperty(path, property, value);
}

const isRecordList = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.every(isRecord);

const problemsOfVariable = (path: string, variable: unknown): string[] =>
  isRecord(variable)
    ? Object.entries(variable).flatMap(([name, value]) => problemsOfProperty(`${path}/${name}`, name, value))
    : [`${path}: must be an object`];

function problemsOfProperty(path: string, name: string, value: unknown): string[] {
  switch (name) {
    case "key":
    case "value":
      return typeof value === "string" ? [] : [`${path}: must be a string`];
    case "type":
      return value === "default" || value === "secret" ? [] : [`${path}: must be "default" or "secret"`];
    case "enabled":
    case "secret":
      return typeof value === "boolean" ? [] : [`${path}: must be a boolean`];
    case "description":
      return typeof value === "string" && value.length <= MAX_DESCRIPTION_CHARS
        ? []
        : [`${path}: must be a string of at most ${MAX_DESCRIPTION_CHARS} characters`];
    default:
      return [];
  }
}
