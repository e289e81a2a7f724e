import { Hono } from "hono";

import {
  apiReferencePage,
  type ReferenceField,
  type ReferenceGroup,
  type ReferenceOperation,
} from "../../web/pages/api-reference.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { AppError } from "../lib/errors.ts";
import { isRecord } from "../lib/parse.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { describeApi, listEndpoints } from "./openapi.ts";

/** `GET /openapi.json` below `/api`. Routes that are mounted later are in it: it is written when it is first asked for. */
export function serveDescription(api: Hono<AppEnv>, { publicUrl }: Pick<Deps, "publicUrl">): void {
  let text: string | undefined;
  api.get(
    "/openapi.json",
    documented({
      summary: "Describe the API",
      description: "This document: OpenAPI 3.1 of every endpoint.",
      tag: "API",
      open: "a description of the product, the same in every installation",
    }),
    (c) => {
      text ??= JSON.stringify(describeApi(listEndpoints(api), `${publicUrl}/api`));
      c.header("content-type", "application/json");
      return c.body(text);
    },
  );
}

/** `/reference` and a page for each group of endpoints: the same description for people. */
export function apiReferencePages(deps: Deps, api: Hono<AppEnv>): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const serverUrl = `${deps.publicUrl}/api`;
  let groups: ReferenceGroup[] | undefined;
  const readGroups = () =>
    (groups ??= groupOperations(describeApi(listEndpoints(api), serverUrl), serverUrl));

  routes.get("/reference", async (c) => {
    return c.html(apiReferencePage({ shell: await loadShell(c, deps), serverUrl, groups: readGroups() }));
  });

  routes.get("/reference/:group", async (c) => {
    const group = readGroups().find(({ slug }) => slug === c.req.param("group"));
    if (!group) throw new AppError("not_found", "There is no such group of endpoints.");
    const shell = await loadShell(c, deps);
    return c.html(apiReferencePage({ shell, serverUrl, groups: readGroups(), group }));
  });

  return routes;
}

function groupOperations(description: Record<string, unknown>, serverUrl: string): ReferenceGroup[] {
  const groups = new Map<string, ReferenceOperation[]>();
  for (const [path, methods] of entriesOf(description["paths"])) {
    for (const [method, operation] of entriesOf(methods)) {
      const tag = Array.isArray(operation["tags"]) ? String(operation["tags"][0]) : "";
      const operations = groups.get(tag) ?? [];
      operations.push(toReference(method.toUpperCase(), path, operation, serverUrl));
      groups.set(tag, operations);
    }
  }
  return [...groups]
    .map(([tag, operations]) => ({ tag, slug: slugOf(tag), operations }))
    .toSorted((one, other) => one.tag.localeCompare(other.tag));
}

const slugOf = (tag: string): string => tag.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

function toReference(
  method: string,
  path: string,
  operation: Record<string, unknown>,
  serverUrl: string,
): ReferenceOperation {
  const [status = "", answer] = entriesOf(operation["responses"])[0] ?? [];
  const body = schemaOf(operation["requestBody"]);
  const { description } = operation;
  return {
    id: String(operation["operationId"]),
    method,
    path,
    summary: String(operation["summary"]),
    ...(typeof description === "string" && { description }),
    parameters: parametersOf(operation),
    body: fieldsOf(body),
    answer: fieldsOf(schemaOf(answer)),
    status,
    example: exampleOf(method, `${serverUrl}${path}`, body !== undefined),
  };
}

const parametersOf = ({ parameters }: Record<string, unknown>): ReferenceField[] =>
  (Array.isArray(parameters) ? parameters : [])
    .filter(isRecord)
    .map(({ name, in: place, required, schema }) => ({
      name: place === "path" ? `{${String(name)}}` : `?${String(name)}`,
      type: typeOf(schema),
      isRequired: required === true,
    }));

const exampleOf = (method: string, url: string, hasBody: boolean): string =>
  [
    `curl ${method === "GET" ? "" : `-X ${method} `}-H "X-Api-Key: $KEY"`,
    ...(hasBody ? [`-H "Content-Type: application/json" -d @body.json`] : []),
    `"${url}"`,
  ].join(" ");

/** The schema of the first type of content. */
function schemaOf(message: unknown): unknown {
  const [, content] = entriesOf(isRecord(message) ? message["content"] : undefined)[0] ?? [];
  return content?.["schema"];
}

const MAX_DEPTH = 5;

/** The members of an object, and of what is in it, as lines of a table. */
function fieldsOf(schema: unknown, prefix = "", depth = 0): ReferenceField[] {
  if (!isRecord(schema) || depth > MAX_DEPTH) return [];
  const { properties, items, required } = schema;
  if (items !== undefined) return fieldsOf(items, `${prefix}[]`, depth + 1);
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return entriesOf(properties).flatMap(([key, member]) => {
    const name = prefix === "" ? key : `${prefix}.${key}`;
    const field = { name, type: typeOf(member), isRequired: needed.includes(key) };
    return [field, ...fieldsOf(member, name, depth + 1)];
  });
}

function typeOf(schema: unknown): string {
  if (!isRecord(schema)) return "any";
  const { type, enum: values, const: only, anyOf, oneOf, items, format } = schema;
  if (Array.isArray(values)) return values.map(String).join(" | ");
  if (only !== undefined) return JSON.stringify(only);
  const choices = anyOf ?? oneOf;
  if (Array.isArray(choices)) return [...new Set(choices.map(typeOf))].join(" | ");
  if (type === "array") return `list of ${typeOf(items)}`;
  return typeof type === "string" ? (typeof format === "string" ? `${type} (${format})` : type) : "any";
}

const entriesOf = (value: unknown): [string, Record<string, unknown>][] =>
  Object.entries(isRecord(value) ? value : {}).filter((entry): entry is [string, Record<string, unknown>] =>
    isRecord(entry[1]),
  );
