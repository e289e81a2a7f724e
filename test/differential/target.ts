import type { Socket } from "node:net";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";

import type { WireRequest } from "./recorder.ts";

interface Answer {
  code?: number;
  status?: string;
  headers?: [name: string, value: string][];
  body?: string | Buffer;
}

const statusTexts: Record<number, string> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  418: "I'm a Teapot",
  422: "Unprocessable Entity",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const JSON_BODY = JSON.stringify({
  ok: true,
  n: 42,
  text: "hello",
  list: [1, 2, { deep: [true, null] }],
  nested: { a: { b: "c" }, empty: {} },
  unicode: "žluťoučký 🐎",
});

const json = (body: string): Answer => ({ headers: [["Content-Type", "application/json"]], body });
const text = (type: string, body: string | Buffer): Answer => ({ headers: [["Content-Type", type]], body });
const compressed = (encoding: string, body: Buffer): Answer => ({
  headers: [
    ["Content-Type", "application/json"],
    ["Content-Encoding", encoding],
  ],
  body,
});

/** What the first segment of the path asks for; everything else is answered with the JSON document. */
const answers: Record<string, (rest: string, query: URLSearchParams, request: WireRequest) => Answer> = {
  status: (rest) => ({ ...json(JSON.stringify({ code: Number(rest) })), code: Number(rest) }),
  phrase: (rest) => ({ code: 200, status: decodeURIComponent(rest), body: "phrase" }),
  redirect: (rest, query) => ({
    // What a relative Location leads to has no number.
    code: Number(rest) || 200,
    headers: [["Location", query.get("to") ?? "/redirected"]],
    body: "moved",
  }),
  chain: (rest) => ({
    code: 302,
    headers: [["Location", Number(rest) > 1 ? `/chain/${Number(rest) - 1}` : "/chained"]],
  }),
  "no-location": () => ({ code: 302, body: "nowhere" }),
  cookies: (_rest, query) => ({
    ...json("{}"),
    headers: [
      ["Content-Type", "application/json"],
      ...query.getAll("set").map((cookie): [string, string] => ["Set-Cookie", cookie]),
      ...(query.has("to") ? [["Location", query.get("to") ?? ""] as [string, string]] : []),
    ],
    code: query.has("to") ? 302 : 200,
  }),
  headers: (_rest, query) => ({ headers: [...query.entries()], body: "headers" }),
  echo: (_rest, _query, { method, target, headers, body }) =>
    json(
      JSON.stringify({
        method,
        target,
        headers: Object.fromEntries(
          headers
            .filter(([name]) => !/^(user-agent|postman-token|host|content-length|connection)$/i.test(name))
            .map(([name, value]) => [name.toLowerCase(), value]),
        ),
        body,
      }),
    ),
  gzip: () => compressed("gzip", gzipSync(JSON_BODY)),
  deflate: () => compressed("deflate", deflateSync(JSON_BODY)),
  "deflate-raw": () => compressed("deflate", deflateRawSync(JSON_BODY)),
  br: () => compressed("br", brotliCompressSync(JSON_BODY)),
  text: () => text("text/plain", "plain text"),
  html: () =>
    text("text/html; charset=utf-8", "<html><body><h1 id='t'>Title</h1><p class='x'>One</p></body></html>"),
  xml: () => text("application/xml", "<root a='1'><item>one</item><item>two</item><empty/></root>"),
  csv: () => text("text/csv", "id,name\n1,one\n2,two\n"),
  latin1: () => text("text/plain; charset=ISO-8859-1", Buffer.from("caf\xe9", "latin1")),
  "bytes-as": (charset) =>
    text(`text/plain; charset=${charset}`, Buffer.from([0x41, 0, 0x80, 0xe9, 0x82, 0xa0, 0x42, 0])),
  bom: () => text("application/json", Buffer.from('\ufeff{"bom":true}')),
  bytes: () => text("application/octet-stream", Buffer.from([0, 1, 2, 253, 254, 255])),
  broken: () => json('{"unfinished": '),
  jsonp: () => text("application/javascript", 'callback({"p":1})'),
  empty: () => ({ body: "" }),
};

/** Answers one request; the answer depends on nothing but the request, so that two runs see the same. */
export function answerTo(request: WireRequest, socket: Socket): void {
  const [path = "", search = ""] = request.target.split("?", 2);
  const [, first = "", ...rest] = path.split("/");
  if (first === "drop") return void socket.destroy();
  if (first === "garbage") return void socket.end("this is no HTTP\r\n\r\n");
  if (first === "short") return void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
  const answer = answers[first]?.(rest.join("/"), new URLSearchParams(search), request) ?? json(JSON_BODY);
  const write = () => socket.write(serialise(answer, request.method));
  // A server that takes its time, for time-outs and for what overtakes what.
  if (first === "slow") setTimeout(write, Number(rest[0]));
  else write();
}

function serialise({ code = 200, status, headers = [], body = "" }: Answer, method: string): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const hasBody = code !== 204 && code !== 304;
  const lines = [
    `HTTP/1.1 ${code} ${status ?? statusTexts[code] ?? "Unknown"}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(hasBody ? [`Content-Length: ${bytes.length}`] : []),
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return hasBody && method !== "HEAD" ? Buffer.concat([head, bytes]) : head;
}
