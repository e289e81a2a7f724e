// The API under test of the benchmarks, a process of its own so that its work is counted for neither side.
const items = Array.from({ length: 20 }, (_, id) => ({ id, name: `item ${id}`, price: id * 3 }));

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/login": {
      POST: async (request) => Response.json({ token: `token of ${(await request.text()).length}` }),
    },
    "/items": () => Response.json({ items }),
  },
});

process.stdout.write(`http://127.0.0.1:${server.port}\n`);
