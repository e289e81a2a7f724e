const script = (listen: string, ...exec: string[]) => ({ listen, script: { type: "text/javascript", exec } });

/** Two scripted requests: sign in and keep a token, then list and check. What every peer is measured with. */
export const twoRequests = (baseUrl: string): Record<string, unknown> => ({
  info: {
    name: "Two requests",
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  variable: [{ key: "baseUrl", value: baseUrl }],
  item: [
    {
      name: "Sign in",
      event: [
        script("prerequest", 'pm.collectionVariables.set("user", "user-" + pm.info.iteration);'),
        script(
          "test",
          'pm.test("signed in", () => pm.response.to.have.status(200));',
          'pm.collectionVariables.set("token", pm.response.json().token);',
        ),
      ],
      request: {
        method: "POST",
        header: [{ key: "Content-Type", value: "application/json" }],
        url: "{{baseUrl}}/login",
        body: { mode: "raw", raw: '{"user":"{{user}}"}' },
      },
    },
    {
      name: "List items",
      event: [
        script(
          "test",
          "const { items } = pm.response.json();",
          'pm.test("there are items", () => pm.expect(items).to.have.lengthOf(20));',
          'pm.test("every item has a price", () => {',
          '  for (const item of items) pm.expect(item).to.have.property("price").that.is.a("number");',
          "});",
        ),
      ],
      request: {
        method: "GET",
        header: [{ key: "Authorization", value: "Bearer {{token}}" }],
        url: "{{baseUrl}}/items",
      },
    },
  ],
});
