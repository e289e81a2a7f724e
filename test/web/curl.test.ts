import { afterAll, beforeAll, describe, expect, test } from "bun:test";

import type { Step } from "../../src/contract/events.ts";
import { quote, toCurl } from "../../web/curl.ts";

type SentRequest = NonNullable<Step["request"]>;

interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

let server: ReturnType<typeof Bun.serve>;
let received: Received[] = [];

beforeAll(() => {
  server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      const body = await request.text();
      received.push({ method, path: pathname + search, headers: headers.toJSON(), body });
      return new Response("ok");
    },
  });
});
afterAll(() => server.stop(true));

const request = (change: Partial<SentRequest> = {}): SentRequest => ({
  method: "GET",
  url: `${server.url.origin}/orders`,
  headers: [],
  ...change,
});

/** What arrives when a real shell runs the command. */
async function sent(sentRequest: SentRequest): Promise<Received | undefined> {
  received = [];
  const { command } = toCurl(sentRequest);
  const shell = Bun.spawn(["sh", "-c", `${command} --silent --show-error --max-time 20`], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const errors = await new Response(shell.stderr).text();
  expect([await shell.exited, errors]).toEqual([0, ""]);
  return received[0];
}

const hostile = [
  `it's "quoted" $(touch /tmp/owned) \`id\` \\ $HOME !! ; rm -rf / & | > < * ? ~ #`,
  "line one\nline two\r\nline three\ttab",
  `'`,
  `''"'"'`,
  "@/etc/passwd",
  "-o /tmp/owned",
  "ünïcödé 🌍",
];

test.each(hostile)("a real shell reads %j as one word and runs nothing of it", async (text) => {
  const shell = Bun.spawn(["sh", "-c", `printf '%s.' ${quote(text)}`], { stdout: "pipe" });

  expect(await new Response(shell.stdout).text()).toBe(`${text}.`);
});

describe.skipIf(Bun.which("curl") === null)("a shell that runs the command sends", () => {
  test.each(hostile)("the body %j as it was", async (text) => {
    const arrived = await sent(
      request({ method: "POST", headers: [["content-type", "text/plain"]], body: { bytes: 1, text } }),
    );

    expect(arrived?.body).toBe(text);
    expect(arrived?.headers["content-type"]).toBe("text/plain");
  });

  test("headers with quotes, and empty ones", async () => {
    const arrived = await sent(
      request({
        headers: [
          ["x-odd", `a'b"c$(id)`],
          ["x-empty", ""],
        ],
      }),
    );

    expect(arrived?.headers["x-odd"]).toBe(`a'b"c$(id)`);
    expect(arrived?.headers["x-empty"]).toBe("");
  });

  test("an address with what shells and curl would expand", async () => {
    const url = `${server.url.origin}/a[1-3]{b,c}?q=$HOME&r='%20'`;

    const arrived = await sent(request({ url }));

    // The server writes some letters in another way.
    expect(arrived?.path).toBe(new URL(url).pathname + new URL(url).search);
    expect(received).toHaveLength(1);
  });

  test("a body without a type without one, and a GET with a body as a GET", async () => {
    const body = { bytes: 2, text: "hi" };

    const got = await sent(request({ body }));
    const deleted = await sent(request({ method: "DELETE", body }));

    expect(got?.method).toBe("GET");
    expect(got?.headers["content-type"]).toBeUndefined();
    expect(deleted?.headers["content-type"]).toBeUndefined();
    expect(deleted?.body).toBe("hi");
  });

  test.each(["DELETE", "HEAD", "PATCH", "OPTIONS"])("the method %s", async (method) => {
    expect((await sent(request({ method })))?.method).toBe(method);
  });

  test("no header that curl has to make itself", async () => {
    const arrived = await sent(
      request({
        method: "POST",
        headers: [
          ["Content-Length", "999"],
          ["Host", "elsewhere.example"],
          ["Transfer-Encoding", "chunked"],
          ["Content-Type", "text/plain"],
        ],
        body: { bytes: 2, text: "hi" },
      }),
    );

    expect(arrived?.headers["content-length"]).toBe("2");
    expect(arrived?.headers["host"]).toBe(server.url.host);
  });
});

test("a word stays one word, and a NUL cannot end it", () => {
  expect(quote("a'b\0c")).toBe(`'a'\\''bc'`);
});

test.each([
  [{ headers: [["authorization", "Bearer «token»"]] }, "Secrets never leave the runner"],
  [{ url: "https://x.example/?key=«apiKey»" }, "Secrets never leave the runner"],
  [{ omitted: true }, "were not kept"],
  [{ body: { bytes: 90_000, text: "x", truncated: true } }, "Only the beginning"],
  [{ body: { bytes: 512 } }, "add it with --data-binary"],
] as const)("a command that lacks something says so: %j", (change, words) => {
  const { notes } = toCurl(request(structuredClone(change) as Partial<SentRequest>));

  expect(notes).toHaveLength(1);
  expect(notes[0]).toContain(words);
});

test("a complete command has nothing to say", () => {
  expect(toCurl(request({ headers: [["accept", "*/*"]] })).notes).toEqual([]);
});
