import { Hono } from "hono";
import { z } from "zod";

import type { Actor, AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { paramMissing, readWrapped } from "../access/request.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid, toUid } from "../lib/ids.ts";
import { parseOrThrow } from "../lib/parse.ts";
import { findWorkspace } from "../workspaces/store.ts";
import { callLogsApi } from "./call-logs-api.ts";
import { mockBody, mockFields, readMockChange, readNewMock } from "./mock.ts";
import { openMock } from "./open-mock.ts";
import { serverResponsesApi } from "./server-responses-api.ts";
import {
  createMock,
  deleteMock,
  listMocks,
  type MockWithReferences,
  updateMock,
  workspaceOfCollection,
} from "./store.ts";

const tag = "Mocks";

const listQuery = z.object({ workspace: z.string().optional(), teamId: z.string().optional() });
const createQuery = z.object({ workspace: z.string().optional() });

const mockAnswer = z.looseObject({
  id: z.uuid(),
  owner: z.string(),
  uid: z.string(),
  collection: z.string(),
  mockUrl: z.string(),
  name: z.string(),
  config: z.looseObject({ serverResponseId: z.string().nullable() }),
  private: z.boolean(),
  environment: z.string().optional(),
});
const oneMock = z.looseObject({ mock: mockAnswer });
const mockId = z.looseObject({ mock: z.looseObject({ id: z.uuid() }) });

/** `/mocks` of the Postman API, with what belongs to a mock. */
export function mocksApi(deps: Pick<Deps, "database" | "publicUrl" | "clock">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();
  const full = (mock: MockWithReferences) => describeMock(mock, deps.publicUrl);

  const open = (actor: Actor, id: string, role: WorkspaceRole) =>
    openMock(database, actor, { id, role, missing: notFound });

  routes.get("/mocks", documented({ summary: "List mock servers", tag, query: listQuery }), async (c) => {
    const { workspace } = parseOrThrow(listQuery, c.req.query());
    if (workspace !== undefined && !isUuid(workspace)) return c.json({ mocks: [] });
    const filter = workspace === undefined ? {} : { workspaceId: workspace };
    const found = await listMocks(database, c.get("actor"), filter);
    return c.json({ mocks: found.map((mock) => ({ ...full(mock), isPublic: mock.isPublic })) });
  });

  routes.post(
    "/mocks",
    documented({ summary: "Create a mock server", tag, query: createQuery, body: mockBody, answer: oneMock }),
    async (c) => {
      const actor = c.get("actor");
      const fields = parseOrThrow(mockFields, await readWrapped(c, "mock"), "mock");
      const input = readNewMock(fields);
      const { workspace } = parseOrThrow(createQuery, c.req.query());
      const workspaceId = await targetWorkspace(workspace, input.collectionId);
      await requireWorkspaceRole(database, actor, workspaceId, "editor");
      if (input.serverResponseId) throw paramMissing("serverResponse");
      return c.json({ mock: full(await createMock(database, actor, { ...input, workspaceId })) });
    },
  );

  routes.get(
    "/mocks/:mockId",
    documented({ summary: "Get a mock server", tag, answer: oneMock }),
    async (c) => {
      const mock = await open(c.get("actor"), c.req.param("mockId"), "viewer");
      return c.json({ mock: { ...full(mock), isPublic: mock.isPublic } });
    },
  );

  routes.put(
    "/mocks/:mockId",
    documented({ summary: "Change a mock server", tag, body: mockBody, answer: oneMock }),
    async (c) => {
      const { id } = await open(c.get("actor"), c.req.param("mockId"), "editor");
      const fields = parseOrThrow(mockFields, await readWrapped(c, "mock"), "mock");
      const updated = await updateMock(database, c.get("actor"), id, readMockChange(fields));
      if (!updated) throw notFound();
      return c.json({ mock: full(updated) });
    },
  );

  routes.delete(
    "/mocks/:mockId",
    documented({ summary: "Delete a mock server", tag, answer: mockId }),
    async (c) => {
      const { id } = await open(c.get("actor"), c.req.param("mockId"), "editor");
      const deleted = await deleteMock(database, c.get("actor"), id);
      if (!deleted) throw notFound();
      return c.json({ mock: { id: deleted.id, uid: toUid(deleted.ownerId, deleted.id) } });
    },
  );

  routes.post(
    "/mocks/:mockId/publish",
    documented({ summary: "Open a mock server to everybody", tag, answer: mockId }),
    async (c) => {
      const mock = await open(c.get("actor"), c.req.param("mockId"), "editor");
      if (!mock.private) throw already("mockAlreadyPublishedError", "This mock is already public.");
      await updateMock(database, c.get("actor"), mock.id, { private: false });
      return c.json({ mock: { id: mock.id } });
    },
  );

  routes.delete(
    "/mocks/:mockId/unpublish",
    documented({ summary: "Make a mock server private", tag, answer: mockId }),
    async (c) => {
      const mock = await open(c.get("actor"), c.req.param("mockId"), "editor");
      if (mock.private) throw already("mockAlreadyUnpublishedError", "This mock is already private.");
      await updateMock(database, c.get("actor"), mock.id, { private: true });
      return c.json({ mock: { id: mock.id } });
    },
  );

  /** The one that was named, else that of the collection. */
  async function targetWorkspace(wanted: string | undefined, collectionId: string): Promise<string> {
    if (wanted === undefined || wanted === "") return workspaceOfCollection(database, collectionId);
    const workspace = await findWorkspace(database, wanted);
    if (!workspace) throw new AppError("not_found", "The specified workspace does not exist.");
    return workspace.id;
  }

  routes.route("/", serverResponsesApi(deps));
  routes.route("/", callLogsApi(deps));
  return routes;
}

const notFound = (): AppError =>
  new AppError("not_found", "The specified mock does not exist.", { name: "instanceNotFoundError" });

const already = (name: string, message: string): AppError => new AppError("bad_request", message, { name });

export const mockUrlOf = (publicUrl: string, id: string): string => `${publicUrl}/mock/${id}`;

/** A mock in Postman's words; `private` is ours, because Postman's answers never tell. */
const describeMock = (mock: MockWithReferences, publicUrl: string) => ({
  id: mock.id,
  owner: String(mock.ownerId),
  uid: toUid(mock.ownerId, mock.id),
  collection: toUid(mock.collectionOwnerId, mock.collectionId),
  mockUrl: mockUrlOf(publicUrl, mock.id),
  name: mock.name,
  config: { ...mock.config, serverResponseId: mock.serverResponseId },
  createdAt: mock.createdAt.toISOString(),
  updatedAt: mock.updatedAt.toISOString(),
  private: mock.private,
  ...(mock.environmentId !== null &&
    mock.environmentOwnerId !== null && { environment: toUid(mock.environmentOwnerId, mock.environmentId) }),
});
