import { join } from "node:path";

import { createConverters } from "../../src/server/convert.ts";
import { tasksFinished } from "../../src/tasks/start.ts";
import { type TestApi, testApi } from "../support/api.ts";

const main = join(import.meta.dir, "../../src/main.ts");

/** The whole app with a real convert process. */
export const specsTestApi = (): Promise<TestApi> =>
  testApi({}, createConverters({ command: [process.execPath, main, "convert-process"] }));

/** What a task that was started answers with when it has ended. */
export async function endOfTask(api: TestApi, started: { taskId: string; url: string }) {
  await tasksFinished(api.database);
  return (await api.call("GET", started.url)).body;
}

export const petsYaml = `openapi: 3.0.3
info: { title: Pets, version: 1.0.0 }
servers: [{ url: https://pets.example.test/v1 }]
paths:
  /pets:
    get:
      summary: List pets
      tags: [pets]
      parameters: [{ name: limit, in: query, schema: { type: integer }, example: 3 }]
      responses: { "200": { description: all of them } }
    post:
      summary: Add a pet
      tags: [pets]
      requestBody:
        content:
          application/json:
            schema: { type: object, properties: { name: { type: string, example: Rex } } }
      responses: { "201": { description: added } }
`;
