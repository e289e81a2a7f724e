import { BASE, collection, get, item, PORT, table, testScripts, type Case } from "../case.ts";

const sendRequest: Record<string, string> = {
  url: `pm.sendRequest("${BASE}/echo?a=b", (error, response) => { console.log(error, response.code, response.json()); });`,
  options: `
    pm.sendRequest({ url: "${BASE}/echo", method: "POST", header: { "X-A": "1", "Content-Type": "application/json" }, body: { mode: "raw", raw: JSON.stringify({ x: 1 }) } },
      (error, response) => console.log(error, response.json()));
  `,
  "header list": `pm.sendRequest({ url: "${BASE}/echo", header: [{ key: "X-A", value: "1" }, { key: "X-B", value: "2" }] }, (error, response) => console.log(response.json().headers));`,
  "header texts": `pm.sendRequest({ url: "${BASE}/echo", header: ["X-A: 1", "X-B: 2"] }, (error, response) => console.log(response.json().headers));`,
  "header text": `pm.sendRequest({ url: "${BASE}/echo", header: "X-A: 1" }, (error, response) => console.log(response.json().headers));`,
  urlencoded: `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "urlencoded", urlencoded: [{ key: "a", value: "b c" }] } }, (error, response) => console.log(response.json()));`,
  "urlencoded text": `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "urlencoded", urlencoded: "a=b&c=d" } }, (error, response) => console.log(response.json()));`,
  "body text": `pm.sendRequest({ url: "${BASE}/echo", method: "PUT", body: "plain" }, (error, response) => console.log(response.json()));`,
  "body object": `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "raw", raw: { a: 1 } } }, (error, response) => console.log(response.json()));`,
  formdata: `pm.sendRequest({ url: "${BASE}/x", method: "POST", body: { mode: "formdata", formdata: [{ key: "a", value: "b" }] } }, (error, response) => console.log(response.code));`,
  graphql: `pm.sendRequest({ url: "${BASE}/echo", method: "POST", body: { mode: "graphql", graphql: { query: "{ a }", variables: "{}" } } }, (error, response) => console.log(response.json()));`,
  "GET with body": `pm.sendRequest({ url: "${BASE}/echo", method: "GET", body: { mode: "raw", raw: "x" } }, (error, response) => console.log(response.json()));`,
  "basic auth": `pm.sendRequest({ url: "${BASE}/echo", auth: { type: "basic", basic: [{ key: "username", value: "u" }, { key: "password", value: "p" }] } }, (error, response) => console.log(response.json().headers.authorization));`,
  variables: `pm.environment.set("v", "x y"); pm.sendRequest("${BASE}/echo?v={{v}}", (error, response) => console.log(response.json().target));`,
  promise: `const response = await pm.sendRequest("${BASE}/json"); console.log(response.code, response.json().n); pm.test("sent", () => pm.expect(response).to.have.status(200));`,
  "promise chain": `pm.sendRequest("${BASE}/json").then((response) => console.log(response.code));`,
  sequence: `
    pm.sendRequest("${BASE}/first", () => { console.log("first"); pm.sendRequest("${BASE}/second", () => { console.log("second"); pm.environment.set("done", "1"); }); });
  `,
  "not found": `pm.sendRequest("${BASE}/status/404", (error, response) => { console.log(error, response.code, response.status); pm.test("404", () => pm.response ? 0 : 0); });`,
  refused: `pm.sendRequest("http://127.0.0.1:1/", (error, response) => console.log(error.code, error.message, response));`,
  "refused promise": `try { await pm.sendRequest("http://127.0.0.1:1/"); } catch (error) { console.log(error.code, error.message, error.name); }`,
  "refused, nobody looks": `pm.sendRequest("http://127.0.0.1:1/", () => {});`,
  redirect: `pm.sendRequest("${BASE}/redirect/302?to=/json", (error, response) => console.log(response.code, response.json().n));`,
  cookies: `pm.sendRequest("${BASE}/cookies?set=a=1", (error, response) => { console.log(response.cookies.map((cookie) => cookie.name)); pm.sendRequest("${BASE}/echo", (inner, echoed) => console.log(echoed.json().headers.cookie)); });`,
  "throws in the callback": `pm.sendRequest("${BASE}/json", () => { throw new Error("in the callback"); });`,
  "assertions in the callback": `pm.sendRequest("${BASE}/json", (error, response) => { pm.test("later", () => pm.expect(response.json().n).to.equal(43)); });`,
  "no callback": `pm.sendRequest("${BASE}/quiet");`,
  "wrong url": `pm.sendRequest("http://", (error, response) => console.log(error ? "error" : "none", response));`,
  empty: `pm.sendRequest("", (error) => console.log(error ? "error" : "none"));`,
  nothing: `pm.sendRequest();`,
  "sdk request": `const { Request } = require("postman-collection"); pm.sendRequest(new Request({ url: "${BASE}/echo", method: "POST" }), (error, response) => console.log(response.json().method));`,
  "url object": `pm.sendRequest({ url: { protocol: "http", host: "127.0.0.1", port: "${PORT}", path: ["echo"], query: [{ key: "a", value: "b" }] } }, (error, response) => console.log(response.json().target));`,
  "disabled header": `pm.sendRequest({ url: "${BASE}/echo", header: [{ key: "X-Off", value: "1", disabled: true }] }, (error, response) => console.log(response.json().headers));`,
};

export const sendRequestCases: Case[] = [
  ...testScripts("sendRequest", sendRequest),
  ...table(
    "sendRequest before the request",
    { url: sendRequest["url"] ?? "", promise: sendRequest["promise"] ?? "" },
    (pre) => ({
      collection: collection([
        item("Request", get("/after/{{token}}"), {
          pre: `${pre}\npm.sendRequest("${BASE}/echo?x=token", (error, response) => pm.environment.set("token", response.json().target.length));`,
        }),
      ]),
    }),
  ),
];
