/** An API under test on loopback whose path `/held` answers only when the test lets it. */
export interface Target {
  url: string;
  /** Paths in the order of arrival. */
  arrived: string[];
  /** Resolves when `/held` is waiting. */
  held: Promise<void>;
  release(): void;
  stop(): Promise<void>;
}

export function startTarget(): Target {
  const arrived: string[] = [];
  const gate = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      arrived.push(pathname);
      if (pathname === "/held") {
        held.resolve();
        await gate.promise;
      }
      if (pathname === "/echo") return new Response(await request.text());
      return Response.json({ path: pathname });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    arrived,
    held: held.promise,
    release: () => gate.resolve(),
    stop: async () => {
      gate.resolve();
      await server.stop(true);
    },
  };
}

/** A collection of one GET per path, each with a test that it answers 200. */
export const collectionOf = (url: string, paths: string[]): Record<string, unknown> => ({
  info: { name: "Paths", schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" },
  item: paths.map((path) => ({
    name: path,
    event: [
      {
        listen: "test",
        script: { exec: [`pm.test("${path} answers", () => pm.response.to.have.status(200));`] },
      },
    ],
    request: { method: "GET", url: `${url}${path}` },
  })),
});
