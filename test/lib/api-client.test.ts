import { afterAll, expect, test } from "bun:test";

import { z } from "zod";

import { createApiClient } from "../../src/lib/api-client.ts";

const servers: Bun.Server<undefined>[] = [];
afterAll(() => Promise.all(servers.map((server) => server.stop(true))));

/** A client of a server that refuses the first `refusals` calls until `retryAfter` is over. */
function clientOf(refusals: number, retryAfter: string) {
  let calls = 0;
  const refusal = { error: "rateLimited", message: "Rate limit exceeded. Please retry after 1" };
  const server = Bun.serve({
    port: 0,
    fetch: () =>
      ++calls > refusals
        ? Response.json({ calls })
        : Response.json(refusal, { status: 429, headers: { "retry-after": retryAfter } }),
  });
  servers.push(server);
  const api = createApiClient({ server: server.url.origin, apiKey: "key" });
  return { ask: () => api.get("/me", z.object({ calls: z.number() })), calls: () => calls };
}

test("a program that called too often comes back when it is told to", async () => {
  const { ask } = clientOf(2, "0");

  expect(await ask()).toEqual({ calls: 3 });
});

test.each([
  ["it is told so four times", 10, "0", 4],
  ["it would have to wait for more than a minute", 10, "61", 1],
  ["nobody says when to come back", 10, "", 1],
])("it gives up when %s", async (_, refusals, retryAfter, calls) => {
  const client = clientOf(refusals, retryAfter);

  await expect(client.ask()).rejects.toThrow("Rate limit exceeded");
  expect(client.calls()).toBe(calls);
});
