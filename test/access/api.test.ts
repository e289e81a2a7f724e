import { expect, setDefaultTimeout, test } from "bun:test";

import { testApi } from "../support/api.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

test.each([
  ["admin", ["admin", "user"]],
  ["member", ["user"]],
] as const)("/me tells an %s who they are, with Postman's keys", async (role, roles) => {
  const api = await testApi();
  const { key, actor } = await api.newKey({ role });

  const { status, body } = await api.call("GET", "/me", undefined, { "x-api-key": key });

  expect([status, body]).toEqual([
    200,
    {
      user: {
        id: actor.userId,
        sub: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
        username: actor.email.split("@")[0],
        email: actor.email,
        fullName: actor.name,
        avatar: null,
        isPublic: false,
        emailVerified: true,
        teamId: 1,
        teamName: "Sallyport",
        teamDomain: "127.0.0.1",
        roles: [...roles],
      },
      operations: [{ name: "api_usage", limit: 1_000_000, usage: 1, overage: 0 }],
    },
  ]);
});
