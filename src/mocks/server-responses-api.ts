import { type Context, Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { paramMissing, readWrapped } from "../access/request.ts";
import type { WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid, toUid } from "../lib/ids.ts";
import { parseOrThrow } from "../lib/parse.ts";
import { openMock } from "./open-mock.ts";
import {
  createServerResponse,
  deleteServerResponse,
  findServerResponse,
  listServerResponses,
  type ServerResponse,
  updateServerResponse,
} from "./server-response-store.ts";
import {
  readNewServerResponse,
  readServerResponse,
  serverResponseBody,
  serverResponseFields,
} from "./server-response.ts";
import type { MockWithReferences } from "./store.ts";

const tag = "Mocks";

const answer = z.looseObject({
  id: z.uuid(),
  name: z.string(),
  statusCode: z.int(),
  headers: z.array(z.looseObject({ key: z.string(), value: z.string() })),
  body: z.string(),
});
const listAnswer = z.array(z.looseObject({ id: z.uuid(), name: z.string(), statusCode: z.int() }));

const LIST = "/mocks/:mockId/server-responses";
const ONE = "/mocks/:mockId/server-responses/:serverResponseId";

/** `/mocks/ID/server-responses`: errors of the server that a mock can answer every call with. */
export function serverResponsesApi({ database }: Pick<Deps, "database">): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  const open = (c: Context<AppEnv>, role: WorkspaceRole): Promise<MockWithReferences> =>
    openMock(database, c.get("actor"), { id: c.req.param("mockId") ?? "", role });

  routes.get(
    LIST,
    documented({ summary: "List server responses of a mock", tag, answer: listAnswer }),
    async (c) => {
      const mock = await open(c, "viewer");
      const found = await listServerResponses(database, mock.id);
      return c.json(found.map(head));
    },
  );

  routes.post(
    LIST,
    documented({ summary: "Create a server response", tag, body: serverResponseBody, answer }),
    async (c) => {
      const mock = await open(c, "editor");
      const input = readNewServerResponse(await readFields(c));
      return c.json(full(await createServerResponse(database, c.get("actor"), mock.id, input), mock));
    },
  );

  routes.get(ONE, documented({ summary: "Get a server response", tag, answer }), async (c) => {
    const mock = await open(c, "viewer");
    const found = await findServerResponse(database, mock.id, place(c, mock).id);
    if (!found) throw notFound();
    return c.json(full(found, mock));
  });

  routes.put(
    ONE,
    documented({ summary: "Change a server response", tag, body: serverResponseBody, answer }),
    async (c) => {
      const mock = await open(c, "editor");
      const input = readServerResponse(await readFields(c));
      const updated = await updateServerResponse(database, c.get("actor"), place(c, mock), input);
      if (!updated) throw notFound();
      return c.json(full(updated, mock));
    },
  );

  routes.delete(ONE, documented({ summary: "Delete a server response", tag, answer }), async (c) => {
    const mock = await open(c, "editor");
    const deleted = await deleteServerResponse(database, c.get("actor"), place(c, mock));
    if (!deleted) throw notFound();
    const { updatedAt: _, mock: __, ...rest } = full(deleted, mock);
    return c.json(rest);
  });

  return routes;
}

function place(c: Context<AppEnv>, mock: MockWithReferences): { mockId: string; id: string } {
  const id = c.req.param("serverResponseId") ?? "";
  if (!isUuid(id)) throw notFound();
  return { mockId: mock.id, id };
}

/** 400 in Postman's words when there is no `serverResponse`. */
async function readFields(c: Context<AppEnv>): Promise<z.infer<typeof serverResponseFields>> {
  const sent = await readWrapped(c, "serverResponse").catch((error: unknown) => {
    if (error instanceof AppError && error.message.startsWith("'serverResponse'")) {
      throw paramMissing("serverResponse");
    }
    throw error;
  });
  return parseOrThrow(serverResponseFields, sent, "serverResponse");
}

const notFound = (): AppError =>
  new AppError("not_found", "We could not find the mock server response you are looking for.", {
    name: "serverResponseNotFoundError",
  });

type Head = Omit<ServerResponse, "headers" | "body" | "language" | "mockId">;

const head = (response: Head) => ({
  id: response.id,
  name: response.name,
  statusCode: response.statusCode,
  createdAt: response.createdAt.toISOString(),
  updatedAt: response.updatedAt.toISOString(),
  createdBy: String(response.createdBy),
  updatedBy: String(response.updatedBy),
});

const full = (response: ServerResponse, mock: MockWithReferences) => ({
  ...head(response),
  headers: response.headers,
  language: response.language,
  body: response.body,
  mock: toUid(mock.ownerId, mock.id),
});
