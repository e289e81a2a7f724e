import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";

import { newId } from "../../src/lib/ids.ts";
import { type TestApi, testApi } from "../support/api.ts";

setDefaultTimeout(120_000);

const path = "/api-catalog/discovery-services";

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const report = async (...discoveredServices: unknown[]) =>
  await api.call("POST", path, { discoveredServices });

describe("discovered services", () => {
  test("are kept as they were reported", async () => {
    const definition = 'openapi: "3.0.3"\ninfo: {}\n';
    const { status, body } = await report({
      name: "orders",
      version: "v2",
      providerServiceId: "gw-1",
      sourceEnvironment: "prod",
      apiDefinition: { content: definition },
      endpoints: [{ method: "GET", path: "/orders", description: null, host: "orders.internal" }],
      tags: ["core"],
      providerMetadata: { branch: "main", deployedAt: "2026-05-02T06:48:01Z" },
    });

    expect(status).toBe(200);
    expect(body.meta).toEqual({ total: 1, created: 1, updated: 0 });
    const [{ id }] = body.data;
    expect((await api.call("GET", `${path}/${id}`)).body).toMatchObject({
      id,
      organizationId: 1,
      name: "orders",
      tags: ["core"],
      status: "discovered",
      endpoints: [{ method: "GET", path: "/orders", description: null, host: "orders.internal" }],
      endpointsCount: 1,
      apiDefinition: { format: "openapi", formatVersion: "3.0.3", content: definition },
      providerMetadata: { branch: "main" },
      discoveredBy: api.actor.userId,
    });
  });

  test("are known again, by the provider's id or by name and place", async () => {
    const first = await report(
      { name: "billing", sourceEnvironment: "prod" },
      { name: "x", providerServiceId: "p" },
    );
    const second = await report(
      { name: "billing", sourceEnvironment: "prod", version: "2" },
      { name: "billing", sourceEnvironment: "test" },
      { name: "renamed", providerServiceId: "p" },
    );

    expect(second.body.meta).toEqual({ total: 3, created: 1, updated: 2 });
    expect(second.body.data[0]).toMatchObject({ id: first.body.data[0].id, version: "2" });
    expect(second.body.data[2]).toMatchObject({ id: first.body.data[1].id, name: "renamed" });
  });

  test("are found by a part of their name, page by page", async () => {
    await report({ name: "Paging A" }, { name: "paging b" }, { name: "other" });

    const first = await api.call("GET", `${path}?search=PAGING&limit=1`);
    const second = await api.call(
      "GET",
      `${path}?search=PAGING&limit=1&cursor=${first.body.meta.nextCursor}`,
    );

    // Reported together, so neither comes first.
    const names = new Set([first.body.data[0].name, second.body.data[0].name]);
    expect([first.body.meta.total, names]).toEqual([2, new Set(["Paging A", "paging b"])]);
    expect(second.body.meta.nextCursor).toBe(null);
    expect((await api.call("GET", `${path}?discoverySource=infra_watcher`)).body.data).toEqual([]);
  });

  test("are refused without a name, and 404 when they are not there", async () => {
    const answer = await report({ version: "1" });
    expect(JSON.parse(answer.body).detail).toBe(
      "body/discoveredServices/0 must have required property 'name'",
    );
    expect((await api.call("POST", path, {})).status).toBe(400);
    expect((await api.call("GET", `${path}/${newId()}`)).status).toBe(404);
    expect((await api.call("GET", `${path}?cursor=x`)).status).toBe(400);
  });

  test("need the scope of the catalog", async () => {
    const { key } = await api.newKey({ scopes: ["catalog:read"] });
    const headers = { "x-api-key": key };

    expect((await api.call("GET", path, undefined, headers)).status).toBe(200);
    expect((await api.call("POST", path, { discoveredServices: [{ name: "a" }] }, headers)).status).toBe(403);
  });
});
