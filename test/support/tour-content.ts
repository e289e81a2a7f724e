/** An API that answers well until it is told to break. */
export function startShop() {
  let isBroken = false;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/hook") return new Response("ok");
      if (pathname === "/orders" && isBroken) {
        return Response.json({ error: "no stock table", hint: "the migration did not run" }, { status: 500 });
      }
      const books = [{ id: 1, title: "Moby-Dick", price: 12.5, tags: ["whales", "sea"] }];
      return Response.json({ path: pathname, books, total: books.length });
    },
  });
  return {
    url: server.url.origin,
    breakOrders: () => (isBroken = true),
    stop: () => server.stop(true),
  };
}

const assertion = (name: string, code: number) => ({
  listen: "test",
  script: {
    exec: [
      `pm.test("${name}", () => pm.response.to.have.status(${code}));`,
      'pm.test("is quick", () => pm.expect(pm.response.responseTime).to.be.below(2000));',
      'console.log("answered", pm.response.code, "after", pm.response.responseTime, "ms");',
    ],
  },
});

/** A collection (v2.1) of a folder and two requests; the second fails when the shop is broken. */
export const bookshop = (name: string) => ({
  info: {
    name,
    description: "Everything that a customer does, from looking at books to paying for them.",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  variable: [{ key: "page", value: "1" }],
  item: [
    {
      name: "Books",
      item: [
        {
          name: "List books",
          request: {
            method: "GET",
            url: "{{baseUrl}}/books?page={{page}}",
            header: [{ key: "accept", value: "application/json" }],
            description: "The first page of all books.",
          },
          event: [assertion("answers", 200)],
          response: [{ name: "One page", code: 200, status: "OK", header: [], body: '{"books":[]}' }],
        },
      ],
    },
    {
      name: "Create order",
      request: {
        method: "POST",
        url: "{{baseUrl}}/orders",
        header: [
          { key: "content-type", value: "application/json" },
          { key: "authorization", value: "Bearer {{token}}" },
        ],
        body: { mode: "raw", raw: '{"book": 1, "count": 2}', options: { raw: { language: "json" } } },
      },
      event: [assertion("is accepted", 200)],
    },
  ],
});

export const openapi = `openapi: 3.0.3
info: { title: Bookshop, version: "1" }
paths:
  /books:
    get:
      summary: List books
      responses: { "200": { description: All books } }
`;
