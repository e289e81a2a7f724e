import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";

import { decide, MemoryProvider, type Person, signIn } from "./consent.ts";
import { type McpApi, servedMcp } from "./served.ts";

// Starting Postgres takes its time on a busy machine.
setDefaultTimeout(120_000);

let api: McpApi;
let person: Person;
beforeAll(async () => {
  api = await servedMcp();
  person = await signIn(api);
});
afterAll(() => api.stop());

const transportTo = (path: string, authProvider: MemoryProvider) =>
  new StreamableHTTPClientTransport(new URL(api.url + path), { authProvider });

/** As a person sees it: the client is refused, the page asks, the client comes back with a code. */
async function connect(
  provider: MemoryProvider,
  {
    path = "/mcp",
    who = person,
    change,
  }: { path?: string; who?: Person; change?: (fields: URLSearchParams) => void } = {},
): Promise<Client> {
  const first = transportTo(path, provider);
  const refused = new Client({ name: "test", version: "1" }).connect(first);
  await expect(refused).rejects.toBeInstanceOf(UnauthorizedError);
  const { back } = await decide(provider.asked ?? "", who, change);
  await first.finishAuth(back?.searchParams ?? new URLSearchParams());
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transportTo(path, provider));
  return client;
}

describe("the SDK's own client", () => {
  test.each(["/mcp", "/minimal", "/code"])("registers, asks, and works at %s", async (path) => {
    const provider = new MemoryProvider();

    const client = await connect(provider, { path });
    const answer = await client.callTool({ name: "getAuthenticatedUser", arguments: {} });

    expect(JSON.stringify(answer.content)).toContain(api.actor.email);
    expect(provider.registered?.token_endpoint_auth_method).toBe("none");
  });

  test("refreshes an access token that has expired, by itself", async () => {
    const provider = new MemoryProvider();
    const client = await connect(provider);
    const before = provider.issued?.access_token;
    await api.database.sql`update oauth_tokens set expires_at = now() where kind = 'access'`;

    const answer = await client.callTool({ name: "getAuthenticatedUser", arguments: {} });

    expect(answer.isError).toBeUndefined();
    expect(provider.issued?.access_token).not.toBe(before);
  });

  test("has only the rights that the person left", async () => {
    const provider = new MemoryProvider();
    const client = await connect(provider, {
      change: (fields) => {
        fields.delete("scopes");
        fields.append("scopes", "workspaces:read");
        fields.set("decision", "allow");
      },
    });

    const allowed = await client.callTool({ name: "getWorkspaces", arguments: {} });
    const denied = await client.callTool({
      name: "createWorkspace",
      arguments: { workspace: { name: "x" } },
    });

    expect(provider.issued?.scope).toBe("workspaces:read");
    expect(allowed.isError).toBeUndefined();
    expect(JSON.stringify(denied.content)).toContain("workspaces:write");
  });

  test("speaks for the person who allowed it, with that person's role", async () => {
    const { actor } = await api.newKey({ role: "member" });
    const client = await connect(new MemoryProvider(), { who: await signIn(api, actor.userId) });

    const me = await client.callTool({ name: "getAuthenticatedUser", arguments: {} });
    const denied = await client.callTool({ name: "createRunner", arguments: { runner: { name: "r" } } });

    expect(JSON.stringify(me.content)).toContain(actor.email);
    expect(JSON.stringify(denied.content)).toContain("403");
  });
});
