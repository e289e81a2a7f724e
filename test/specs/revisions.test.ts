import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";

import type { TestApi } from "../support/api.ts";
import { endOfTask, petsYaml, specsTestApi } from "./support.ts";

// Specifications are converted by a process of their own, which takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: TestApi;
let workspaceId: string;

beforeAll(async () => {
  api = await specsTestApi();
  workspaceId = (await api.make.workspace()).id;
});

const throughOf = async (id: string): Promise<string[]> => {
  const { body } = await api.call("GET", `/collections/${id}/revisions`);
  return body.revisions.map((one: { through: string }) => one.through);
};

test("generating and synchronizing write a revision each, and say that they came from a specification", async () => {
  const { body: spec } = await api.call("POST", `/specs?workspaceId=${workspaceId}`, {
    name: "Pets",
    type: "OPENAPI:3.0",
    files: [{ path: "index.yaml", content: petsYaml, type: "ROOT" }],
  });
  const started = await api.call("POST", `/specs/${spec.id}/generations/collection`, {
    name: "Pets",
    options: {},
  });
  const generation = await endOfTask(api, started.body);
  const uid: string = generation.details.resources[0].id;
  const id = uid.slice(uid.indexOf("-") + 1);
  await api.call("PATCH", `/specs/${spec.id}/files/index.yaml`, {
    content: `${petsYaml}  /owners:\n    get: { summary: List owners, responses: { "200": { description: ok } } }\n`,
  });

  const again = await api.call("PUT", `/collections/${uid}/synchronizations?specId=${spec.id}`);
  await endOfTask(api, again.body);

  expect(await throughOf(id)).toEqual(["sync", "sync"]);
});

test("an import says that it was one", async () => {
  const { body } = await api.call("POST", `/import/openapi?workspace=${workspaceId}`, {
    type: "string",
    input: petsYaml,
  });

  expect(await throughOf(body.collections[0].id)).toEqual(["import"]);
});
