import { afterAll, beforeAll, expect, test } from "bun:test";

import { SESSION_COOKIE } from "../../src/access/session.ts";
import { createSession } from "../../src/access/store.ts";
import { type PagesServer, startPages } from "../support/pages.ts";

let server: PagesServer;
let cookie: string;
beforeAll(async () => {
  server = await startPages();
  cookie = `${SESSION_COOKIE}=${await createSession(server.database, server.adminId)}`;
});
afterAll(() => server.stop());

const get = (path: string, encoding: string) =>
  fetch(`${server.url}${path}`, {
    headers: { cookie, "accept-encoding": encoding },
    decompress: false,
  });

test("a page goes out packed to a browser that understands it, and as it is to any other", async () => {
  const [packed, plain] = await Promise.all([get("/", "gzip, br"), get("/", "identity")]);

  expect(packed.headers.get("content-encoding")).toBe("gzip");
  expect(packed.headers.get("vary")).toContain("accept-encoding");
  expect(plain.headers.get("content-encoding")).toBeNull();
  const text = new TextDecoder().decode(Bun.gunzipSync(new Uint8Array(await packed.arrayBuffer())));
  const withoutTokens = (html: string) => html.replaceAll(/name="csrf" value="[^"]*"/g, "");
  expect(withoutTokens(text)).toBe(withoutTokens(await plain.text()));
});

test("no two pages carry the same token against forged forms, and each is good", async () => {
  const tokens = await Promise.all(
    [1, 2].map(
      async () => / name="csrf" value="([^"]+)"/.exec(await (await get("/", "identity")).text())?.[1],
    ),
  );

  const answers = await Promise.all(
    tokens.map((csrf) =>
      fetch(`${server.url}/workspaces`, {
        method: "POST",
        headers: { cookie, origin: server.url },
        body: new URLSearchParams({ csrf: csrf ?? "", name: "Made by a form", type: "team" }),
        redirect: "manual",
      }),
    ),
  );

  expect(new Set(tokens).size).toBe(2);
  expect(answers.map((answer) => answer.status)).toEqual([303, 303]);
});
