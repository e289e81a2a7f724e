import {
  BASE,
  collection,
  environment,
  get,
  item,
  OTHER_BASE,
  pairs,
  post,
  table,
  type Case,
  type Json,
} from "../case.ts";

const header = (values: Record<string, string>): Json => ({ header: pairs(values) });
const raw = (text: string): Json => ({
  body: { mode: "raw", raw: text, options: { raw: { language: "json" } } },
});
const to = (code: number, target: string): string => `/redirect/${code}?to=${encodeURIComponent(target)}`;

const withBody = (code: number): Json =>
  post(to(code, "/target?x=1"), { ...header({ "X-A": "1" }), ...raw('{"a":1}') });

const locations: Record<string, string> = {
  absolute: `${BASE}/abs?x=1`,
  path: "/path",
  relative: "relative",
  query: "?only=query",
  fragment: "/a#frag",
  "protocol-relative": "//127.0.0.1:1/never",
  "dot segments": "/a/../b/./c",
  spaces: "/a b?c d",
  "beyond ASCII": "/žluť",
  encoded: "/a%20b?c=%2F",
  "other host": `${OTHER_BASE}/elsewhere`,
  empty: "",
};

const behaviors: Record<string, Json> = {
  "not followed": { followRedirects: false },
  followed: { followRedirects: true },
  "method kept": { followOriginalHttpMethod: true },
  "referer removed": { removeRefererHeaderOnRedirect: true },
  "authorization kept": { followAuthorizationHeader: true },
  "at most one": { maxRedirects: 1 },
  none: { maxRedirects: 0 },
};

const credentials: Json = {
  auth: { type: "bearer", bearer: pairs({ token: "secret" }) },
  ...header({ "X-A": "1", Cookie: "own=1" }),
};

const script = (code: string): Json => ({ test: code });

const showCookies = `
console.log(pm.cookies.toObject());
console.log(pm.cookies.get("a"), pm.cookies.has("a"), pm.cookies.has("nope"), pm.cookies.get("nope"));
`;

const cookieScripts: Record<string, string> = {
  reads: showCookies,
  "list methods": `
    console.log(pm.cookies.all().map((cookie) => [cookie.name, cookie.value, cookie.path, cookie.httpOnly, cookie.secure]));
    console.log(pm.cookies.count(), pm.cookies.one("a").value, pm.cookies.idx(0).name);
    console.log(pm.cookies.map((cookie) => cookie.name), pm.cookies.filter((cookie) => cookie.name === "a").length);
  `,
  "jar get": `pm.cookies.jar().get(pm.request.url, "a", (error, value) => console.log(error, value));`,
  "jar get all": `pm.cookies.jar().getAll("${BASE}/", (error, cookies) => console.log(error, cookies.count(), cookies.map((c) => c.name)));`,
  "jar set": `
    const jar = pm.cookies.jar();
    jar.set("${BASE}/", "set", "by script", (error, cookie) => {
      console.log(error, cookie.name, cookie.value);
      jar.get("${BASE}/", "set", (inner, value) => console.log(inner, value));
    });
  `,
  "jar set object": `
    pm.cookies.jar().set("${BASE}/", { name: "o", value: "v", path: "/only", httpOnly: true }, (error, cookie) => {
      console.log(error, cookie && [cookie.name, cookie.path, cookie.httpOnly]);
    });
  `,
  "jar unset": `
    const jar = pm.cookies.jar();
    jar.unset("${BASE}/", "a", (error) => { console.log(error); jar.getAll("${BASE}/", (e, list) => console.log(list.map((c) => c.name))); });
  `,
  "jar clear": `
    const jar = pm.cookies.jar();
    jar.clear("${BASE}/", (error) => { console.log(error); jar.getAll("${BASE}/", (e, list) => console.log(list.count())); });
  `,
  legacy: `console.log(postman.getResponseCookie("a").value, responseCookies.length, responseCookies[0].name);`,
};

export const journeyCases: Case[] = [
  ...table(
    "redirect",
    Object.fromEntries([301, 302, 303, 307, 308].map((code) => [String(code), code])),
    (code) => ({
      collection: collection([
        item("POST", withBody(code)),
        item("GET", get(to(code, "/target"))),
        item("HEAD", { ...get(to(code, "/target")), method: "HEAD" }),
        item("DELETE", { ...get(to(code, "/target")), method: "DELETE" }),
        item("PUT form", {
          ...post(to(code, "/target"), { body: { mode: "urlencoded", urlencoded: pairs({ a: "1" }) } }),
          method: "PUT",
        }),
      ]),
    }),
  ),
  ...table("redirect to", locations, (target) => ({
    collection: collection([
      item(
        "Request",
        get(`/dir${to(302, target)}`.replace("/dir", "")),
        script("console.log(pm.response.code)"),
      ),
    ]),
  })),
  ...table("redirect option", behaviors, (protocolProfileBehavior) => ({
    collection: collection([
      item(
        "Here",
        { ...withBody(302), auth: credentials["auth"] },
        { protocolProfileBehavior, ...script("pm.test(pm.response.code, () => {})") },
      ),
      item("Elsewhere", get(to(302, `${OTHER_BASE}/x`), credentials), { protocolProfileBehavior }),
      item("Chain", get("/chain/3"), { protocolProfileBehavior }),
    ]),
  })),
  {
    id: "redirect: switched off for the run",
    collection: collection([
      item(
        "Request",
        get(to(302, "/x")),
        script("console.log(pm.response.code, pm.response.headers.get('location'))"),
      ),
      item("Own choice", get(to(302, "/x")), { protocolProfileBehavior: { followRedirects: true } }),
    ]),
    options: { ignoreRedirects: true },
  },
  {
    id: "redirect: long chain",
    collection: collection([item("Request", get("/chain/10")), item("Too long", get("/chain/11"))]),
  },
  {
    id: "redirect: encoding switched off",
    collection: collection([
      item("As written", get(to(302, "/a'<b>?c={d}\"e|f^g`h")), {
        protocolProfileBehavior: { disableUrlEncoding: true },
      }),
      item("Latin", get(to(302, "/caf\u00e9")), { protocolProfileBehavior: { disableUrlEncoding: true } }),
      item("Encoded", get(to(302, "/a'<b>?c={d}\"e|f^g`h"))),
    ]),
  },
  {
    id: "redirect: no location",
    collection: collection([item("Request", get("/no-location"), script("console.log(pm.response.code)"))]),
  },
  {
    id: "redirect: headers by hand",
    collection: collection([
      item(
        "Request",
        get(
          to(302, "/x"),
          header({ Host: "virtual.example", Referer: "http://from.example/", Accept: "a/b" }),
        ),
      ),
      item(
        "There",
        get(
          to(307, `${OTHER_BASE}/x`),
          header({ host: "virtual.example", authorization: "Own", cookie: "a=1" }),
        ),
      ),
    ]),
  },
  {
    id: "redirect: the request that tests see",
    collection: collection([
      item(
        "Request",
        withBody(302),
        script(
          "console.log(pm.request.method, pm.request.url.toString(), pm.request.body && pm.request.body.raw)",
        ),
      ),
    ]),
  },
  {
    id: "redirect: multipart kept",
    collection: collection([
      item(
        "Request",
        post(to(307, "/x"), {
          body: { mode: "formdata", formdata: [{ key: "a", value: "1", type: "text" }] },
        }),
      ),
    ]),
  },
  {
    id: "cookies: set, sent, overwritten, expired",
    collection: collection([
      item("Set", get("/cookies?set=a=1&set=b=2; Path=/&set=deep=1; Path=/deep")),
      item("Sent", get("/next")),
      item("Deep", get("/deep/er")),
      item("Overwrite", get("/cookies?set=a=3")),
      item("Sent again", get("/next")),
      item("Expire", get("/cookies?set=b=; Max-Age=0")),
      item("Without b", get("/next")),
      item("By hand, too", get("/next", header({ Cookie: "hand=1" }))),
      item("Post", post("/next", raw("{}"))),
      item("Other host", { method: "GET", url: `${OTHER_BASE}/next` }),
    ]),
  },
  {
    id: "cookies: attributes",
    collection: collection([
      item(
        "Set",
        get(
          '/cookies?set=s=1; Secure&set=h=1; HttpOnly&set=ss=1; SameSite=Strict&set=d=1; Domain=other.example&set=e=1; Expires=Thu, 01 Jan 2099 00:00:00 GMT&set=p=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT&set=empty=&set=novalue&set=q="x y"&set=u=%C3%BC',
        ),
      ),
      item("Sent", get("/next")),
    ]),
  },
  {
    id: "cookies: over redirects",
    collection: collection([
      item("Set and go", get("/cookies?set=a=1&to=/next")),
      item("Go elsewhere", get(`/cookies?set=b=2&to=${encodeURIComponent(`${OTHER_BASE}/x`)}`)),
      item("Back", get("/next")),
      item("With own", get("/cookies?set=c=3&to=/next", header({ Cookie: "own=1", "X-A": "1" }))),
    ]),
  },
  {
    id: "cookies: switched off",
    collection: collection([
      item("Set", get("/cookies?set=a=1")),
      item("Off", get("/cookies?set=b=2"), { protocolProfileBehavior: { disableCookies: true } }),
      item("On", get("/next")),
    ]),
  },
  {
    id: "cookies: kept over iterations",
    collection: collection([item("Set", get("/cookies?set=a=1")), item("Sent", get("/next"))]),
    options: { iterationCount: 2 },
  },
  ...table("cookies in scripts", cookieScripts, (test) => ({
    collection: collection([
      item("Request", get("/cookies?set=a=1&set=b=2; HttpOnly"), { test }),
      item("After", get("/next")),
    ]),
  })),
  {
    id: "cookies in scripts: before the request",
    collection: collection([
      item("Request", get("/next"), {
        pre: `pm.cookies.jar().set("${BASE}/", "early", "1", (error) => console.log(error));`,
      }),
      item("Second", get("/next"), { pre: "console.log(pm.cookies.toObject());" }),
    ]),
  },
  ...table(
    "no answer",
    {
      refused: "http://127.0.0.1:1/",
      dropped: `${BASE}/drop`,
      "no HTTP": `${BASE}/garbage`,
      "cut short": `${BASE}/short`,
      "unknown name": "http://no-such-host.invalid/",
    },
    (url) => ({
      collection: collection([
        item(
          "Request",
          { method: "GET", url },
          {
            pre: "console.log('pre');",
            test: "console.log('test', typeof pm.response, pm.response && pm.response.code); pm.test('runs', () => {});",
          },
        ),
        item("Next", get("/next")),
      ]),
    }),
  ),
  {
    id: "no answer: in time",
    collection: collection([
      item("Request", get("/slow/4000"), { test: "console.log('test');" }),
      item("Next", get("/next")),
    ]),
    options: { timeoutRequest: 1000 },
  },
  {
    id: "redirect: variables in the target stay",
    collection: collection([item("Request", get(to(302, "/{{value}}")))]),
    environment: environment({ value: "x" }),
  },
];
