import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, ConvertedFile, ConvertFile, ConvertSpec, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { invalidParam } from "../access/request.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { parseCollection } from "../collections/collection.ts";
import { createCollection } from "../collections/store.ts";
import { AppError } from "../lib/errors.ts";
import { toUid } from "../lib/ids.ts";
import { isRecord, parseJson } from "../lib/parse.ts";
import { resolveWorkspaceId } from "../workspaces/store.ts";
import { needed } from "./definition.ts";

const types = ["file", "string", "json"];
const body = z.object({
  type: z.enum(["string", "json", "file"]),
  input: z.unknown(),
  options: z.looseObject({}).optional(),
});

/** `POST /import/openapi` of the Postman API. */
export function importApi(
  { database }: Pick<Deps, "database">,
  { convert, convertSpec }: { convert?: ConvertFile; convertSpec?: ConvertSpec } = {},
): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  const query = z.object({ workspace: z.string().optional() });

  routes.post(
    "/import/openapi",
    documented({
      summary: "Import an OpenAPI definition as a collection",
      description: "As JSON with the definition as text or object, or as multipart/form-data with a file.",
      tag: "Import",
      query,
      body,
      answer: z.object({
        collections: z.array(z.object({ id: z.string(), name: z.string(), uid: z.string() })),
      }),
    }),
    async (c) => {
      const actor = c.get("actor");
      const workspaceId = await resolveWorkspaceId(database, actor, c.req.query("workspace"));
      await requireWorkspaceRole(database, actor, workspaceId, "editor");
      const documents = await readInput(c);
      const collections = [];
      for (const document of documents) {
        const parsed = parseCollection(document);
        const made = await createCollection(database, actor, {
          ...parsed,
          workspaceId,
          onExistingId: "renew",
          note: { through: "import" },
        });
        collections.push({ id: made.id, name: made.name, uid: toUid(made.ownerId, made.id) });
      }
      return c.json({ collections });
    },
  );

  async function readInput(c: Context<AppEnv>): Promise<Record<string, unknown>[]> {
    if (c.req.header("content-type")?.startsWith("multipart/form-data")) return readMultipart(c);
    const sent = parseJson((await c.req.text()) || "{}");
    const { type, input, options } = isRecord(sent) ? sent : {};
    checkType(type);
    if (input === undefined || input === "") throw missing("input");
    const text = typeof input === "string" ? input : JSON.stringify(input);
    if (type === "string" && typeof input !== "string")
      throw invalidParam("input", "with the type string, input must be a string.");
    refuseVersions(text);
    const { collection } = await needed(convertSpec)({
      action: "collection",
      root: "input",
      files: { input: text },
      options: optionsOf(options),
    });
    return collection ? [collection] : [];
  }

  /** A zip file, JSON or YAML. */
  async function readMultipart(c: Context<AppEnv>): Promise<Record<string, unknown>[]> {
    const { type, input } = await c.req.parseBody();
    checkType(type);
    if (!(input instanceof File) || input.size === 0) throw missing("input");
    if (!convert)
      throw new AppError("unavailable", "This server cannot convert files: it has no convert process.");
    const converted: ConvertedFile = await convert(await input.bytes(), input.name);
    const found = converted.documents.filter(({ kind }) => kind === "collection");
    if (found.length > 0) return found.map(({ content }) => content);
    throw invalidParam("input", "the file holds no OpenAPI definition.");
  }

  return routes;
}

function checkType(type: unknown): void {
  if (type === undefined || type === "") throw missing("type");
  if (typeof type === "string" && types.includes(type)) return;
  throw new AppError(
    "bad_request",
    `The request body has invalid values for the type parameter. Value must be one of ${types.join(", ")}`,
    { name: "invalidParamsError", details: { param: "type" } },
  );
}

const missing = (param: string): AppError =>
  new AppError(
    "bad_request",
    `The request body is missing a value for the ${param} parameter. Check your request and try again.`,
    { name: "paramMissingError", details: { param } },
  );

/** In Postman's words, for versions to come. */
function refuseVersions(text: string): void {
  const [, version] = /["']?openapi["']?\s*:\s*["']?(\d+\.\d+(?:\.\d+)?)/.exec(text.slice(0, 100_000)) ?? [];
  if (version === undefined || /^3\.[0-2](\.\d+)?$/.test(version)) return;
  throw new AppError(
    "bad_request",
    `Unsupported OpenAPI version: ${version}. Only versions 2.0, 3.0, 3.1 and 3.2 are supported`,
    { name: "invalidParamsError" },
  );
}

/** The names of today, and those that the documentation's own sample still has. */
function optionsOf(options: unknown): Record<string, unknown> {
  if (!isRecord(options)) return {};
  const { disableOptionalParameters, exampleParametersResolution, requestParametersResolution, ...rest } =
    options;
  const resolution = exampleParametersResolution ?? requestParametersResolution;
  return {
    ...(typeof disableOptionalParameters === "boolean" && {
      enableOptionalParameters: !disableOptionalParameters,
    }),
    ...(resolution !== undefined && { parametersResolution: resolution }),
    ...rest,
  };
}
