import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { badQuery, queryInteger } from "../access/request.ts";
import { hasScope } from "../access/rights.ts";
import { requireWorkspaceRole } from "../access/workspace-rights.ts";
import { type Collection, findCollection } from "../collections/store.ts";
import { type Environment, findEnvironment, listEnvironments } from "../environments/store.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { AppError } from "../lib/errors.ts";
import { bareId, toUid } from "../lib/ids.ts";
import { listElements } from "../workspaces/elements-store.ts";
import { findWorkspace, type Workspace } from "../workspaces/store.ts";
import { findItem, isCalled, listOf, type PlacedItem, textOf } from "./collection-walk.ts";
import {
  collectionText,
  folderText,
  requestText,
  responseText,
  usedVariables,
  variableLine,
} from "./context-collection.ts";
import { instructions } from "./context-instructions.ts";
import { listReadableWorkspaces } from "./context-store.ts";
import { blocks, code, oneLine, section, shortened } from "./markdown.ts";

const MAX_ENVIRONMENTS = 50;
const MAX_LISTED = 500;

type At = Context<AppEnv>;

const workspacesQuery = z.object({
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(100).optional(),
  name: z.string().max(200).optional(),
});

/** Elements as Markdown, for agents; Postman's MCP server reads them with its `code` set. */
export function contextApi(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();
  const at = (
    path: string,
    summary: string,
    write: (c: At) => Promise<string> | string,
    query?: z.ZodObject,
  ) => {
    const doc = { summary, tag: "Context", contentType: "text/markdown", ...(query && { query }) };
    routes.get(path, documented({ ...doc, answer: z.string() }), async (c) =>
      c.body(await write(c), 200, { "content-type": "text/markdown; charset=UTF-8" }),
    );
  };

  at("/context/instructions", "Read what this installation is", () => instructions.overview);
  for (const topic of ["discovery", "code-generation", "maintenance"] as const) {
    at(`/context/instructions/${topic}`, `Read the instructions on ${topic}`, () => instructions[topic]);
  }

  at("/context/workspaces", "Read about all workspaces", (c) => workspacesText(deps, c), workspacesQuery);

  at("/context/workspaces/:workspaceId", "Read about a workspace", async (c) =>
    workspaceText(deps, await getWorkspace(deps, c)),
  );

  at("/context/workspaces/:workspaceId/environments", "Read the environments of a workspace", async (c) => {
    const workspace = await getWorkspace(deps, c);
    const environments = await loadEnvironments(deps, workspace.id);
    const texts = environments.map((environment) => environmentText(environment, "##"));
    const nothing = "The workspace has no environments.";
    return blocks(`# Environments of ${oneLine(workspace.name)}`, ...(texts.length > 0 ? texts : [nothing]));
  });

  at("/context/environments/:environmentId", "Read an environment", async (c) => {
    const id = bareId(c.req.param("environmentId") ?? "");
    const environment = id === undefined ? undefined : await findEnvironment(deps, id);
    if (!environment) throw notFound("environment");
    await requireWorkspaceRole(database, c.get("actor"), environment.workspaceId, "viewer");
    return blocks(environmentText(environment, "#"));
  });

  at("/context/collections/:collectionId", "Read a collection", async (c) => {
    const collection = await getCollection(deps, c);
    const uid = toUid(collection.ownerId, collection.id);
    return collectionText({ uid, name: collection.name }, collection.document);
  });

  at("/context/collections/:collectionId/folders/:folderId", "Read a folder", async (c) => {
    const { document } = await getCollection(deps, c);
    const folder = findItem(document, c.req.param("folderId") ?? "", "folder");
    if (!folder) throw notFound("folder");
    return folderText(folder);
  });

  at("/context/collections/:collectionId/requests/:requestId", "Read a request", async (c) => {
    const { document } = await getCollection(deps, c);
    return requestText(getRequest(document, c), document);
  });

  at(
    "/context/collections/:collectionId/requests/:requestId/context",
    "Read all that code for a request needs",
    async (c) => {
      const collection = await getCollection(deps, c);
      const placed = getRequest(collection.document, c);
      const mayRead = hasScope(c.get("actor"), "environments", "read");
      const environments = mayRead ? await loadEnvironments(deps, collection.workspaceId) : [];
      return blocks(
        requestText(placed, collection.document, "whole").trimEnd(),
        section(
          "Variables",
          definitionsOf(usedVariables(placed, collection.document), collection, environments),
        ),
      );
    },
  );

  at(
    "/context/collections/:collectionId/requests/:requestId/responses/:responseId",
    "Read a saved response",
    async (c) => {
      const { document } = await getCollection(deps, c);
      const responses = listOf(getRequest(document, c).item["response"]);
      const wanted = c.req.param("responseId") ?? "";
      const response = responses.find((one) => isCalled(one, wanted));
      if (!response) throw notFound("response");
      return responseText(response);
    },
  );

  return routes;
}

const notFound = (what: string): AppError =>
  new AppError("not_found", `We could not find the ${what} you are looking for`, {
    name: "instanceNotFoundError",
  });

async function getWorkspace({ database }: Deps, c: At): Promise<Workspace> {
  const workspace = await findWorkspace(database, c.req.param("workspaceId") ?? "");
  if (!workspace) throw notFound("workspace");
  await requireWorkspaceRole(database, c.get("actor"), workspace.id, "viewer");
  return workspace;
}

async function getCollection({ database }: Deps, c: At): Promise<Collection> {
  const id = bareId(c.req.param("collectionId") ?? "");
  const collection = id === undefined ? undefined : await findCollection(database, id);
  if (!collection) throw notFound("collection");
  await requireWorkspaceRole(database, c.get("actor"), collection.workspaceId, "viewer");
  return collection;
}

function getRequest(document: Collection["document"], c: At): PlacedItem {
  const request = findItem(document, c.req.param("requestId") ?? "", "request");
  if (!request) throw notFound("request");
  return request;
}

/** Those of a workspace with their values, the first fifty. */
async function loadEnvironments(deps: Deps, workspaceId: string): Promise<Environment[]> {
  const heads = (await listEnvironments(deps.database, { workspaceId })).slice(0, MAX_ENVIRONMENTS);
  const found = await Promise.all(heads.map(({ id }) => findEnvironment(deps, id)));
  return found.filter((environment) => environment !== undefined);
}

function environmentText({ id, ownerId, name, values }: Environment, heading: string): string {
  const enabled = values.filter((value) => value["enabled"] !== false);
  const lines = enabled.map((value) => `- ${variableLine(value)}`);
  return [
    `${heading} Environment: ${oneLine(name)}`,
    `- ID: ${code(toUid(ownerId, id))}`,
    lines.length === 0 ? "It has no enabled variables." : lines.join("\n"),
  ].join("\n\n");
}

/** Each variable once per place that defines it, in the order in which Postman looks. */
function definitionsOf(
  names: readonly string[],
  { document }: Collection,
  environments: readonly Environment[],
): string[] {
  const places = [
    ...environments.map(({ name, values }) => ({ tag: `environment ${oneLine(name)}`, values })),
    { tag: "collection", values: listOf(document["variable"]) },
  ];
  return names.flatMap((name) => {
    const lines = places.flatMap(({ tag, values }) =>
      values
        .filter((value) => textOf(value["key"]) === name)
        .map((value) => `${variableLine(value)} [${tag}]`),
    );
    return lines.length > 0 ? lines : [`${code(name)}: not defined anywhere; ask for its value`];
  });
}

async function workspaceText({ database }: Deps, workspace: Workspace): Promise<string> {
  const { collections, environments } = await listElements(database, workspace.id);
  const line = ({ id, name, ownerId }: (typeof collections)[number]) =>
    `${oneLine(name)} (ID ${code(toUid(ownerId, id))})`;
  const lines = (elements: typeof collections) => [
    ...elements.slice(0, MAX_LISTED).map(line),
    ...(elements.length > MAX_LISTED ? [`… ${elements.length - MAX_LISTED} more`] : []),
  ];
  return blocks(
    `# Workspace: ${oneLine(workspace.name)}`,
    [`- ID: ${code(workspace.id)}`, `- Visibility: ${workspace.visibility}`].join("\n"),
    shortened([workspace.about, workspace.description ?? ""].filter((text) => text !== "").join("\n\n")),
    section("Collections", lines(collections)) ?? "It has no collections.",
    section("Environments", lines(environments)),
  );
}

async function workspacesText({ database }: Deps, c: At): Promise<string> {
  const limit = queryInteger(c, "limit", { min: 1, max: 100 }) ?? 100;
  const cursor = c.req.query("cursor") ?? "";
  const after = cursor === "" ? undefined : decodeCursor(cursor);
  if (cursor !== "" && !after) throw badQuery("Invalid cursor query parameter passed.");
  const name = c.req.query("name");
  const { rows, next } = await listReadableWorkspaces(database, c.get("actor"), { limit, after, name });
  return blocks(
    "# Workspaces",
    rows.length === 0 ? "None that you may see." : undefined,
    rows
      .map(
        (row) =>
          `- ${oneLine(row.name)} (ID ${code(row.id)}, ${row.visibility}, collections: ${row.collections})`,
      )
      .join("\n"),
    next && `There are more: ask again with the cursor ${code(encodeCursor(next))}.`,
  );
}
