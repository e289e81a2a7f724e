// The API under test of the benchmarks, a process of its own so that its work is counted for neither side.
const items = Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, price: id * 3 }));

/** 5 MB of JSON. */
const large = {
  rows: Array.from({ length: 40_000 }, (_, id) => ({
    id,
    name: `row ${id}`,
    text: "x".repeat(80),
    tags: ["a", "b"],
  })),
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/login": {
      POST: async (request) => Response.json({ token: `token of ${(await request.text()).length}` }),
    },
    "/large": () => Response.json(large),
    "/items": () => Response.json({ items }),
  },
});

process.stdout.write(`http://127.0.0.1:${server.port}\n`);
