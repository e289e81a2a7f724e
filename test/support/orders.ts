/** An API on loopback that answers everything but `/orders`, which fails as if a migration was forgotten. */
export const startOrders = () =>
  Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) =>
      new URL(request.url).pathname === "/orders"
        ? Response.json({ error: "no stock table" }, { status: 500 })
        : Response.json({ ok: true }),
  });

/** Two requests to it, of which the second has a test that fails. */
export const ordersCollection = (base: string) => ({
  info: { name: "Orders", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: [
    { name: "Ping", request: `${base}/ping` },
    {
      name: "Create order",
      event: [
        {
          listen: "test",
          script: {
            exec: [
              "console.log('got', pm.response.code);",
              "pm.test('is created', () => pm.response.to.have.status(201));",
            ],
          },
        },
      ],
      request: { method: "POST", url: `${base}/orders` },
    },
  ],
});
