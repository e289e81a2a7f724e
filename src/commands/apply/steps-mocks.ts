import { z } from "zod";

import { anyAnswer } from "../../lib/api-client.ts";
import { canonical, isWithin } from "./compare.ts";
import type { MockFile, ServerResponse } from "./content.ts";
import type { ActualMock } from "./fetch-mocks.ts";
import type { Step } from "./plan.ts";
import { resolve, type Target, workspaceIdOf } from "./target.ts";

const created = z.looseObject({ id: z.string() });
const createdMock = z.object({ mock: created });

/** A mock with its server responses, whose list is whole: what is not in the file goes. */
export function planMock(wanted: MockFile, target: Target): Step {
  const { name } = wanted;
  const { api } = target;
  const step = { kind: "mock", name, workspace: target.name } as const;
  const known = target.actual.mocks.find((one) => one.name === name);
  if (!known) {
    const run = async () => {
      const body = { mock: mockBody(wanted, target) };
      const { mock } = await api.post(`/mocks?workspace=${workspaceIdOf(target)}`, body, createdMock);
      await putResponses(wanted, { id: mock.id, serverResponses: [] }, target);
    };
    return { ...step, action: "create", run };
  }
  const fields = changedFields(wanted, known, target);
  const isAnswering = haveResponsesChanged(wanted, known);
  if (fields.length === 0 && !isAnswering) return { ...step, action: "unchanged" };
  const run = async () => {
    const mock = mockBody(wanted, target);
    if (fields.length > 0)
      await api.put(
        `/mocks/${known.id}`,
        { mock: { ...mock, environment: mock.environment ?? null } },
        anyAnswer,
      );
    if (isAnswering) await putResponses(wanted, known, target);
  };
  const detail = [...fields, ...(isAnswering ? ["serverResponses"] : [])].join(", ");
  return { ...step, action: "update", detail, run };
}

function mockBody(wanted: MockFile, target: Target) {
  const by = `Mock "${wanted.name}"`;
  return {
    name: wanted.name,
    collection: resolve(target, "collection", wanted.collection, by),
    ...(wanted.environment && { environment: resolve(target, "environment", wanted.environment, by) }),
    ...(wanted.private !== undefined && { private: wanted.private }),
    ...(wanted.config && { config: wanted.config }),
  };
}

function changedFields(wanted: MockFile, known: ActualMock, { ids }: Target): string[] {
  const environment = wanted.environment ? ids.environment.get(wanted.environment) : undefined;
  return [
    ids.collection.get(wanted.collection) !== known.collection && "collection",
    environment !== known.environment && "environment",
    wanted.private !== undefined && wanted.private !== known.private && "private",
    wanted.config && !isWithin(wanted.config, known.config) && "config",
  ].filter((field) => typeof field === "string");
}

const essence = ({ name, statusCode, headers = [], language = null, body = "" }: ServerResponse): string =>
  canonical({ name, statusCode, headers, language, body });

const essences = (responses: ServerResponse[]): string => responses.map(essence).toSorted().join("\n");

const activeName = (responses: ServerResponse[]): string | undefined =>
  responses.find(({ active }) => active)?.name;

function haveResponsesChanged({ serverResponses }: MockFile, known: ActualMock): boolean {
  if (!serverResponses) return false;
  return (
    essences(serverResponses) !== essences(known.serverResponses) ||
    activeName(serverResponses) !== activeName(known.serverResponses)
  );
}

async function putResponses(
  { serverResponses }: MockFile,
  known: Pick<ActualMock, "id" | "serverResponses">,
  { api }: Target,
): Promise<void> {
  if (!serverResponses) return;
  const path = `/mocks/${known.id}/server-responses`;
  const left = [...known.serverResponses];
  let active: string | null = null;
  for (const { active: isActive, ...serverResponse } of serverResponses) {
    const at = left.findIndex(({ name }) => name === serverResponse.name);
    const [old] = at === -1 ? [] : left.splice(at, 1);
    const answer =
      old && essence(old) === essence(serverResponse)
        ? old
        : old
          ? await api.put(`${path}/${old.id}`, { serverResponse }, created)
          : await api.post(path, { serverResponse }, created);
    if (isActive) active = answer.id;
  }
  const isOther = activeName(serverResponses) !== activeName(known.serverResponses);
  // Before the one that was active may go.
  if (isOther)
    await api.put(`/mocks/${known.id}`, { mock: { config: { serverResponseId: active } } }, anyAnswer);
  for (const { id } of left) await api.delete(`${path}/${id}`, anyAnswer);
}
