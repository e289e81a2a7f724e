import { randomUUID } from "node:crypto";

import { Hono } from "hono";
import { bearerAuth } from "hono/bearer-auth";

import type { Clock } from "../../lib/clock.ts";

/** The API that the demo watches: a small bookshop that answers on loopback only and remembers nothing after its end. */
export interface Bookshop {
  url: string;
  stop(): Promise<void>;
}

interface Order {
  id: string;
  bookId: number;
  quantity: number;
  total: number;
  status: "paid";
}

const books = [
  { id: 1, title: "The Gate in the Wall", author: "A. Kestrel", genre: "novel", price: 18 },
  { id: 2, title: "Short Walks, Long Evenings", author: "M. Orlow", genre: "travel", price: 24 },
  { id: 3, title: "A History of Locks", author: "J. Brandt", genre: "history", price: 32 },
  { id: 4, title: "The Second Courier", author: "A. Kestrel", genre: "novel", price: 16 },
  { id: 5, title: "Bread for a Siege", author: "L. Amsel", genre: "cooking", price: 27 },
];

/** Orders that are remembered; one a minute for a day and more. */
const MAX_ORDERS = 2_000;
/** The report is slow on purpose, so that a chart has something to show. */
const REPORT_MS = { min: 200, spread: 200 };

export function startBookshop(login: { user: string; password: string }, clock: Clock): Bookshop {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: createBookshop(login, clock).fetch });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

/** The routes of the bookshop; everything below /v1 but the login wants the token that the login gives. */
export function createBookshop(login: { user: string; password: string }, clock: Clock): Hono {
  const token = randomUUID();
  const orders = new Map<string, Order>();
  const app = new Hono();

  app.get("/health", (c) => c.json({ status: "ok" }));

  app.post("/v1/login", async (c) => {
    const sent: Record<string, unknown> = await c.req.json().catch(() => ({}));
    if (sent["user"] !== login.user || sent["password"] !== login.password)
      return c.json({ error: "wrong user or password" }, 401);
    return c.json({ token, expiresInSeconds: 3600 });
  });

  app.use("/v1/*", bearerAuth({ token }));

  app.get("/v1/books", (c) => {
    const genre = c.req.query("genre");
    const found = books.filter((book) => genre === undefined || book.genre === genre);
    return c.json({ books: found, total: found.length });
  });

  app.get("/v1/books/:id", (c) => {
    const book = books.find(({ id }) => String(id) === c.req.param("id"));
    return book === undefined ? c.json({ error: "no such book" }, 404) : c.json(book);
  });

  app.post("/v1/orders", async (c) => {
    const form = await c.req.parseBody();
    const quantity = Number(form["quantity"]);
    const book = books.find(({ id }) => String(id) === form["bookId"]);
    if (book === undefined || !(quantity > 0))
      return c.json({ error: "bookId and quantity are needed" }, 422);
    const order: Order = {
      id: randomUUID(),
      bookId: book.id,
      quantity,
      total: book.price * quantity,
      status: "paid",
    };
    orders.set(order.id, order);
    forgetOldest(orders);
    return c.json(order, 201);
  });

  app.get("/v1/orders/:id", (c) => {
    const order = orders.get(c.req.param("id"));
    return order === undefined ? c.json({ error: "no such order" }, 404) : c.json(order);
  });

  app.get("/v1/reports/sales", async (c) => {
    await clock.sleep(REPORT_MS.min + Math.random() * REPORT_MS.spread);
    const sold = [...orders.values()];
    return c.json({ orders: sold.length, total: sold.reduce((sum, { total }) => sum + total, 0) });
  });

  return app;
}

function forgetOldest(orders: Map<string, Order>): void {
  const [oldest] = orders.keys();
  if (orders.size > MAX_ORDERS && oldest !== undefined) orders.delete(oldest);
}
