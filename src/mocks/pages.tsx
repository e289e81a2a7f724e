import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import { MockCallsRegion, mockPage, type MockProps } from "../../web/pages/mock.tsx";
import { mocksPage, type MocksProps } from "../../web/pages/mocks.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { answerPage, formErrorsOf, readForm } from "../access/pages-form.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { findCollectionHead, listCollections } from "../collections/store.ts";
import { findEnvironmentHead, listEnvironments } from "../environments/store.ts";
import { decodeCursor, encodeCursor } from "../lib/cursor.ts";
import { AppError } from "../lib/errors.ts";
import { loadShell, workspaceName } from "../workspaces/pages-shell.ts";
import { mockUrlOf } from "./api.ts";
import { CALL_DAYS, type ListedCall, listCalls } from "./call-store.ts";
import { mockFields, readNewMock } from "./mock.ts";
import { openMock } from "./open-mock.ts";
import { findServerResponse } from "./server-response-store.ts";
import {
  createMock,
  deleteMock,
  listMocks,
  type MockWithReferences,
  updateMock,
  workspaceOfCollection,
} from "./store.ts";

const CALLS_PER_PAGE = 50;
/** Shown of a body; the API has more. */
const MAX_SHOWN_CHARS = 4_000;

/** `/mocks`: list, create, open and close, the calls, delete. */
export function mocksPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const showList = async (
    c: Context<AppEnv>,
    form: Pick<MocksProps, "values" | "errors">,
    status: 200 | 400,
  ) => {
    const shell = await loadShell(c, deps);
    const filter = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
    const visible = { ...filter, visibleTo: c.get("actor") };
    const [found, collections, environments] = await Promise.all([
      listMocks(database, c.get("actor"), filter),
      listCollections(database, visible),
      listEnvironments(database, visible),
    ]);
    const placed = ({ id, name, workspaceId }: { id: string; name: string; workspaceId: string }) => ({
      id,
      name,
      workspaceName: workspaceName(shell, workspaceId),
    });
    const names = new Map(collections.map(({ id, name }) => [id, name]));
    const rows = found.map((mock) => ({
      ...placed(mock),
      collectionId: mock.collectionId,
      collectionName: names.get(mock.collectionId) ?? "",
      url: mockUrlOf(deps.publicUrl, mock.id),
      private: mock.private,
    }));
    const choices = { collections: collections.map(placed), environments: environments.map(placed) };
    return c.html(mocksPage({ shell, rows, ...choices, ...form }), status);
  };

  const open = (c: Context<AppEnv>, role: WorkspaceRole) =>
    openMock(database, c.get("actor"), { id: c.req.param("id") ?? "", role, missing: notFound });

  routes.get("/mocks", (c) =>
    showList(c, { values: { name: "", collection: "", environment: "", private: false } }, 200),
  );

  routes.post("/mocks", async (c) => {
    const form = await readForm(c);
    const [name, collection, environment] = ["name", "collection", "environment"].map((field) =>
      form.text(field),
    );
    const isPrivate = form.text("private") !== "";
    try {
      const fields = { name: name || undefined, collection, environment, private: isPrivate };
      const input = readNewMock(mockFields.parse(fields));
      const workspaceId = await workspaceOfCollection(database, input.collectionId);
      await requireWorkspaceRole(database, c.get("actor"), workspaceId, "editor");
      const { id } = await createMock(database, c.get("actor"), { ...input, workspaceId });
      return c.redirect(`/mocks/${id}`, 303);
    } catch (error) {
      const values = {
        name: name ?? "",
        collection: collection ?? "",
        environment: environment ?? "",
        private: isPrivate,
      };
      return showList(c, { values, errors: formErrorsOf(error) }, 400);
    }
  });

  routes.get("/mocks/:id", async (c) => {
    const mock = await open(c, "viewer");
    const props = await loadMock(c, deps, mock);
    return answerPage(c, mockPage(props), <MockCallsRegion {...props} />);
  });

  for (const [verb, isPrivate] of [
    ["publish", false],
    ["unpublish", true],
  ] as const) {
    routes.post(`/mocks/:id/${verb}`, async (c) => {
      const { id } = await open(c, "editor");
      await updateMock(database, c.get("actor"), id, { private: isPrivate });
      return c.redirect(`/mocks/${id}`, 303);
    });
  }

  routes.get("/mocks/:id/delete", async (c) => {
    const { id, name } = await open(c, "editor");
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "mocks",
        title: `Delete ${name}?`,
        consequence: "Programs that call it get 404 from then on, and its log of calls is gone.",
        action: `/mocks/${id}/delete`,
        label: `Delete ${name}`,
        back: `/mocks/${id}`,
      }),
    );
  });

  routes.post("/mocks/:id/delete", async (c) => {
    const { id } = await open(c, "editor");
    await deleteMock(database, c.get("actor"), id);
    return c.redirect("/mocks", 303);
  });

  return routes;
}

const notFound = (): AppError =>
  new AppError("not_found", "There is no such mock; it may have been deleted.");

async function loadMock(c: Context<AppEnv>, deps: Deps, mock: MockWithReferences): Promise<MockProps> {
  const { database } = deps;
  const cursor = c.req.query("before");
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const { environmentId, serverResponseId } = mock;
  const [shell, collection, environment, serverResponse, { calls, next }] = await Promise.all([
    loadShell(c, deps),
    findCollectionHead(database, mock.collectionId),
    environmentId === null ? undefined : findEnvironmentHead(database, environmentId),
    serverResponseId === null ? undefined : findServerResponse(database, mock.id, serverResponseId),
    listCalls(database, mock.id, {
      direction: "desc",
      limit: CALLS_PER_PAGE,
      withDetails: true,
      ...(after && { after }),
    }),
  ]);
  return {
    shell,
    mock: {
      id: mock.id,
      name: mock.name,
      url: mockUrlOf(deps.publicUrl, mock.id),
      workspaceName: workspaceName(shell, mock.workspaceId),
      collectionId: mock.collectionId,
      collectionName: collection?.name ?? "",
      environmentName: environment?.name,
      private: mock.private,
      serverResponseName: serverResponse?.name,
    },
    calls: calls.map(toRow),
    older: next && `/mocks/${mock.id}?before=${encodeCursor(next)}`,
    isFirst: after === undefined,
    keptDays: CALL_DAYS,
  };
}

const toRow = (call: ListedCall): MockProps["calls"][number] => ({
  id: call.id,
  servedAt: call.servedAt,
  method: call.method,
  path: call.path,
  statusCode: call.statusCode,
  responseName: call.responseName,
  isAnswered: call.responseType === "success",
  requestHeaders: call.requestHeaders ?? [],
  requestBody: shortened(call.requestBody),
  responseHeaders: call.responseHeaders ?? [],
  responseBody: shortened(call.responseBody),
});

const shortened = (text: string | null): string =>
  text !== null && text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : (text ?? "");
