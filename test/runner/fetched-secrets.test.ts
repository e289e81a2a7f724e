import { expect, test } from "bun:test";

import { createEngine } from "../../src/engine/engine.ts";
import { noScripts, startServer } from "../engine/support.ts";
import { eventually } from "../support/eventually.ts";
import { startRunnerAtWork } from "../support/runner-at-work.ts";

test("an access token that the run fetched is not in what is stored", async () => {
  await using server = await startServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(
      request.url === "/token"
        ? '{"access_token":"fetched-access","refresh_token":"fetched-refresh"}'
        : JSON.stringify({ saw: request.headers.authorization, more: "fetched-refresh" }),
    );
  });
  const engine = createEngine({ scripts: noScripts });
  const work = await startRunnerAtWork({ engine });
  const oauth2 = {
    grant_type: "client_credentials",
    accessTokenUrl: `${server.url}/token`,
    clientId: "id",
    clientSecret: "s",
  };

  const { runId } = work.fake.queue({
    collection: {
      info: { name: "C" },
      item: [{ name: "R", request: { url: `${server.url}/api`, auth: { type: "oauth2", oauth2 } } }],
    },
  });
  await eventually(() => work.fake.isFinished(runId));
  const stored = JSON.stringify(work.fake.stored.get(runId));
  await work.stop();
  await engine.close();

  expect(server.requests.at(-1)?.headers.authorization).toBe("Bearer fetched-access");
  expect(stored).toContain("Bearer «access_token»");
  expect(stored).not.toContain("fetched-");
});
