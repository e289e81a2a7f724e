import { newId } from "../../src/lib/ids.ts";
import type { TestApi } from "../support/api.ts";

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/** A saved example; `url` is that of its request. */
export interface Saved {
  id?: string;
  name?: string;
  method?: string;
  url?: unknown;
  code?: number;
  header?: unknown;
  body?: string | null;
  requestHeader?: { key: string; value: string }[];
  requestBody?: unknown;
  language?: string;
}

export const collectionOf = (saved: readonly Saved[], variable: unknown[] = []) => ({
  info: { name: "Shop", schema: SCHEMA },
  variable,
  item: [
    {
      name: "Request",
      request: { method: "GET", url: "{{baseUrl}}/" },
      response: saved.map((example) => ({
        id: example.id ?? newId(),
        name: example.name ?? "Example",
        originalRequest: {
          method: example.method ?? "GET",
          url: example.url ?? "{{baseUrl}}/books",
          header: example.requestHeader ?? [],
          ...(example.requestBody !== undefined && { body: example.requestBody }),
        },
        code: example.code ?? 200,
        header: example.header ?? [],
        body: example.body ?? "",
        ...(example.language && { _postman_previewlanguage: example.language }),
      })),
    },
  ],
});

export interface MadeMock {
  id: string;
  uid: string;
  collectionId: string;
  workspaceId: string;
  /** A request to the mock; `path` begins with a slash. */
  call: (path: string, init?: RequestInit) => Promise<Response>;
  body: (path: string, init?: RequestInit) => Promise<string>;
  /** Saves other examples in the place of the old ones. */
  save: (saved: readonly Saved[], variable?: unknown[]) => Promise<void>;
}

/** A mock of a new collection, made through the API. */
export async function makeMock(
  api: TestApi,
  saved: readonly Saved[],
  {
    variable = [],
    values,
    ...fields
  }: { variable?: unknown[]; values?: unknown[]; private?: boolean; config?: unknown } = {},
): Promise<MadeMock> {
  const { id: workspaceId } = await api.make.workspace({
    createdBy: api.actor.userId,
    visibility: "private",
  });
  const ok = async (method: string, path: string, body?: unknown) => {
    const answer = await api.call(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const collection = await ok("POST", `/collections?workspace=${workspaceId}`, {
    collection: collectionOf(saved, variable),
  });
  const environment =
    values &&
    (await ok("POST", `/environments?workspace=${workspaceId}`, { environment: { name: "Local", values } }));
  const made = await ok("POST", `/mocks?workspace=${workspaceId}`, {
    mock: {
      name: "Shop mock",
      collection: collection.collection.uid,
      ...(environment && { environment: environment.environment.uid }),
      ...fields,
    },
  });
  const { id, uid } = made.mock;
  const call = async (path: string, init: RequestInit = {}) =>
    api.app.request(`http://127.0.0.1:4600/mock/${id}${path}`, init);
  return {
    id,
    uid,
    workspaceId,
    collectionId: collection.collection.id,
    call,
    body: async (path, init) => (await call(path, init)).text(),
    save: async (next, variables = []) => {
      await ok("PUT", `/collections/${collection.collection.id}`, {
        collection: collectionOf(next, variables),
      });
    },
  };
}
