/** What the demo monitors: the bookshop's main job, told as a Collection v2.1 document as a team would export it. */

export const collectionName = "Bookshop API";

const script = (listen: "prerequest" | "test", ...exec: string[]) => ({
  listen,
  script: { type: "text/javascript", exec },
});

const request = (
  name: string,
  method: string,
  raw: string,
  more: { tests: string[]; [key: string]: unknown },
) => {
  const { tests, ...rest } = more;
  return {
    name,
    event: [script("test", ...tests)],
    request: { method, header: [], url: raw, ...rest },
    response: [],
  };
};

const noAuth = { auth: { type: "noauth" } };

const health = request("Health", "GET", "{{baseUrl}}/health", {
  ...noAuth,
  tests: [
    'pm.test("the shop is open", () => {',
    "  pm.response.to.have.status(200);",
    '  pm.expect(pm.response.json().status).to.eql("ok");',
    "});",
  ],
});

const signIn = request("Sign in", "POST", "{{baseUrl}}/{{version}}/login", {
  ...noAuth,
  body: {
    mode: "raw",
    raw: '{\n  "user": "{{user}}",\n  "password": "{{password}}"\n}',
    options: { raw: { language: "json" } },
  },
  tests: [
    'pm.test("the clerk gets a token", () => {',
    "  pm.response.to.have.status(200);",
    '  pm.expect(pm.response.json()).to.have.property("token").that.is.a("string");',
    "});",
    'pm.collectionVariables.set("token", pm.response.json().token);',
  ],
});

const listBooks = request("List novels", "GET", "{{baseUrl}}/{{version}}/books?genre=novel", {
  tests: [
    "const { books, total } = pm.response.json();",
    'pm.test("there are novels, and only novels", () => {',
    "  pm.expect(total).to.be.above(0);",
    '  pm.expect(books.every((book) => book.genre === "novel")).to.be.true;',
    "});",
    'pm.test("every book has a title and a price", () => {',
    "  pm.response.to.have.jsonSchema({",
    '    type: "object",',
    '    required: ["books", "total"],',
    "    properties: {",
    "      books: {",
    '        type: "array",',
    '        items: { type: "object", required: ["id", "title", "price"] },',
    "      },",
    "    },",
    "  });",
    "});",
    'pm.collectionVariables.set("bookId", books[0].id);',
    'pm.collectionVariables.set("price", books[0].price);',
  ],
});

const oneBook = request("One book", "GET", "{{baseUrl}}/{{version}}/books/{{bookId}}", {
  tests: [
    'pm.test("it is the book that was asked for", () => {',
    '  pm.expect(String(pm.response.json().id)).to.eql(String(pm.variables.get("bookId")));',
    "});",
  ],
});

const missingBook = request("A book that does not exist", "GET", "{{baseUrl}}/{{version}}/books/9999", {
  tests: ['pm.test("the shop says so", () => pm.response.to.have.status(404));'],
});

const placeOrder = request("Place an order", "POST", "{{baseUrl}}/{{version}}/orders", {
  body: {
    mode: "urlencoded",
    urlencoded: [
      { key: "bookId", value: "{{bookId}}", type: "text" },
      { key: "quantity", value: "{{quantity}}", type: "text" },
      { key: "reference", value: "{{$guid}}", type: "text" },
    ],
  },
  tests: [
    "const order = pm.response.json();",
    'pm.test("the order is paid", () => {',
    "  pm.response.to.have.status(201);",
    '  pm.expect(order.status).to.eql("paid");',
    "});",
    'pm.test("the total is price times quantity", () => {',
    '  pm.expect(order.total).to.eql(pm.collectionVariables.get("price") * pm.variables.get("quantity"));',
    "});",
    'pm.collectionVariables.set("orderId", order.id);',
  ],
});

const followOrder = request("Follow the order", "GET", "{{baseUrl}}/{{version}}/orders/{{orderId}}", {
  tests: ['pm.test("the shop remembers it", () => pm.response.to.have.status(200));'],
});

const salesReport = request("Sales report (slow)", "GET", "{{baseUrl}}/{{version}}/reports/sales", {
  tests: [
    'pm.test("it counts the order", () => pm.expect(pm.response.json().orders).to.be.above(0));',
    'console.log("the report took", pm.response.responseTime, "ms");',
  ],
});

export const demoCollection: Record<string, unknown> = {
  info: {
    name: collectionName,
    description: "Signs in, looks at books, buys some and reads the sales report.",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  auth: { type: "bearer", bearer: [{ key: "token", value: "{{token}}", type: "string" }] },
  event: [
    script(
      "test",
      'const limitMs = Number(pm.environment.get("maxResponseMs"));',
      "pm.test(`answers within ${limitMs} ms`, () => pm.expect(pm.response.responseTime).to.be.below(limitMs));",
    ),
  ],
  variable: [
    { key: "version", value: "v1" },
    { key: "token", value: "" },
    { key: "bookId", value: "" },
    { key: "price", value: "" },
    { key: "orderId", value: "" },
  ],
  item: [
    health,
    signIn,
    { name: "Books", item: [listBooks, oneBook, missingBook] },
    {
      name: "Orders",
      event: [script("prerequest", 'pm.variables.set("quantity", 1 + Math.floor(Math.random() * 3));')],
      item: [placeOrder, followOrder, salesReport],
    },
  ],
};

export const environmentName = "Bookshop on this machine";

/** The environment of the demo monitor; the password is a secret, so it is sealed at rest and redacted in results. */
export const demoEnvironment = (bookshop: { url: string; user: string; password: string }) => ({
  name: environmentName,
  values: [
    { key: "baseUrl", value: bookshop.url, type: "default", enabled: true },
    { key: "user", value: bookshop.user, type: "default", enabled: true },
    { key: "password", value: bookshop.password, type: "secret", enabled: true },
    { key: "maxResponseMs", value: "2000", type: "default", enabled: true },
  ],
});
