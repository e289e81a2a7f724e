import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { bareId } from "../../lib/ids.ts";
import type { MockFile, ServerResponse } from "./content.ts";

const mocksAnswer = z.object({
  mocks: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      collection: z.string(),
      environment: z.string().optional(),
      private: z.boolean().optional(),
      config: z.looseObject({ serverResponseId: z.string().nullish() }).default({}),
    }),
  ),
});
const listed = z.array(z.looseObject({ id: z.string() }));
const answer = z.looseObject({
  name: z.string(),
  statusCode: z.number(),
  headers: z.array(z.looseObject({ key: z.string(), value: z.string() })).default([]),
  language: z.string().nullish(),
  body: z.string().default(""),
});

/** A mock as it is; `collection` and `environment` are ids. */
export interface ActualMock extends MockFile {
  id: string;
  serverResponses: (ServerResponse & { id: string })[];
}

/** With what each can answer instead of examples. */
export async function fetchMocks(api: ApiClient, workspace: string): Promise<ActualMock[]> {
  const { mocks } = await api.get(`/mocks?workspace=${workspace}`, mocksAnswer);
  const found: ActualMock[] = [];
  for (const { id, name, collection, environment, private: isPrivate, config } of mocks) {
    const { serverResponseId, ...own } = config;
    found.push({
      id,
      name,
      collection: bareId(collection) ?? collection,
      ...(environment !== undefined && { environment: bareId(environment) ?? environment }),
      ...(isPrivate !== undefined && { private: isPrivate }),
      config: own,
      serverResponses: await fetchServerResponses(api, id, serverResponseId ?? undefined),
    });
  }
  return found;
}

async function fetchServerResponses(
  api: ApiClient,
  mockId: string,
  activeId: string | undefined,
): Promise<ActualMock["serverResponses"]> {
  const found: ActualMock["serverResponses"] = [];
  for (const { id } of await api.get(`/mocks/${mockId}/server-responses`, listed)) {
    const { name, statusCode, headers, language, body } = await api.get(
      `/mocks/${mockId}/server-responses/${id}`,
      answer,
    );
    found.push({
      id,
      name,
      statusCode,
      headers: headers.map(({ key, value }) => ({ key, value })),
      language: language ?? null,
      body,
      ...(id === activeId && { active: true }),
    });
  }
  return found;
}
