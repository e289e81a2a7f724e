/** A small API on loopback that the story's collection is about. */
export interface Shop {
  url: string;
  stop(): Promise<void>;
}

export function startShop(): Shop {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/books") return Response.json([{ id: 1, title: "Sallyport" }]);
      return Response.json({ error: "unknown" }, { status: 404 });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/** As an agent writes one: no ids. */
export const bookshop = () => ({
  info: { name: "Bookshop", description: "Sells books", schema: SCHEMA },
  item: [
    {
      name: "List books",
      event: [
        {
          listen: "test",
          script: {
            type: "text/javascript",
            exec: ["pm.test('answers 200', () => pm.response.to.have.status(200));"],
          },
        },
      ],
      request: { method: "GET", url: "{{baseUrl}}/books", header: [], description: "All of them" },
    },
  ],
});

export const openApi = JSON.stringify({
  openapi: "3.0.3",
  info: { title: "Pets", version: "1.0.0" },
  servers: [{ url: "https://pets.example.test" }],
  paths: { "/pets": { get: { summary: "List pets", responses: { "200": { description: "All pets" } } } } },
});
