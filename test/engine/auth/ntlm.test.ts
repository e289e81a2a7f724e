import { afterAll, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { createEngine } from "../../../src/engine/engine.ts";
import { noScripts, runItems, runRequest } from "../support.ts";

const engine = createEngine({ scripts: noScripts });
afterAll(() => engine.close());

const list = (values: Record<string, unknown>) =>
  Object.entries(values).map(([key, value]) => ({ key, value }));
const auth = (parameters: Record<string, unknown> = {}) => ({
  type: "ntlm",
  ntlm: list({ username: "User", password: "Pässword", domain: "corp", workstation: "ws", ...parameters }),
});

const serverChallenge = Buffer.from("0123456789abcdef", "hex");
const pair = (id: number, value: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
};
const serverTime = Buffer.from("00d0a5d0d5b6da01", "hex");
const targetInfo = Buffer.concat([
  pair(2, Buffer.from("CORP", "utf16le")),
  pair(7, serverTime),
  pair(0, Buffer.alloc(0)),
]);

/** MS-NLMP 2.2.1.2: target name, flags, challenge, target info. */
function challengeMessage(): Buffer {
  const head = Buffer.alloc(48);
  head.write("NTLMSSP\0", 0, "latin1");
  head.writeUInt32LE(2, 8);
  head.writeUInt32LE(48, 16);
  head.writeUInt32LE(0x00888205 + 0x02000000, 20);
  serverChallenge.copy(head, 24);
  head.writeUInt16LE(targetInfo.length, 40);
  head.writeUInt16LE(targetInfo.length, 42);
  head.writeUInt32LE(48, 44);
  return Buffer.concat([head, targetInfo]);
}

function fieldOf(message: Buffer, at: number): Buffer {
  const offset = message.readUInt32LE(at + 4);
  return message.subarray(offset, offset + message.readUInt16LE(at));
}

/** Computes the proof by itself; says who logged in, or why nobody did. */
function judge(message: Buffer, password: string): string {
  const hmac = (key: Buffer, data: Buffer) => createHmac("md5", key).update(data).digest();
  const [domain, user, workstation] = [28, 36, 44].map((at) => fieldOf(message, at).toString("utf16le"));
  const response = fieldOf(message, 20);
  const hash = createHash("md4").update(Buffer.from(password, "utf16le")).digest();
  const key = hmac(hash, Buffer.from(`${user?.toUpperCase()}${domain}`, "utf16le"));
  const [proof, blob] = [response.subarray(0, 16), response.subarray(16)];
  if (!hmac(key, Buffer.concat([serverChallenge, blob])).equals(proof)) return "refused";
  if (!blob.subarray(8, 16).equals(serverTime)) return "at another time";
  return `${domain}\\${user}@${workstation}`;
}

interface NtlmServer extends AsyncDisposable {
  url: string;
  /** One line a request: number of its connection, what it said, body. */
  log: string[];
}

interface NtlmSettings {
  password?: string;
  offer?: string[];
  /** Instead of the second message. */
  answer?: string;
}

/** Logs connections in, as IIS does. */
async function startNtlmServer(settings: NtlmSettings = {}): Promise<NtlmServer> {
  const { password = "Pässword", offer = ["Negotiate", "NTLM"] } = settings;
  const numbers = new Map<Socket, number>();
  const users = new Map<Socket, string>();
  const log: string[] = [];
  const listen = (request: IncomingMessage): { code: number; challenge: string[]; said: string } => {
    const { socket } = request;
    const [scheme, base64 = ""] = (request.headers.authorization ?? "").split(" ");
    const message = Buffer.from(base64, "base64");
    const type = scheme === "NTLM" ? message.readUInt32LE(8) : 0;
    if (type === 1)
      return {
        code: 401,
        challenge: [settings.answer ?? `NTLM ${challengeMessage().toString("base64")}`],
        said: "negotiate",
      };
    if (type === 3) {
      const user = judge(message, password);
      if (user !== "refused") users.set(socket, user);
    }
    const user = users.get(socket);
    if (user === undefined) return { code: 401, challenge: offer, said: type === 3 ? "refused" : "nobody" };
    return { code: 200, challenge: [], said: user };
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { code, challenge, said } = listen(request);
      const body = Buffer.concat(chunks).toString();
      log.push([numbers.get(request.socket), said, body].join(" ").trim());
      response.writeHead(code, challenge.length === 0 ? {} : { "www-authenticate": challenge });
      response.end(said);
    });
  });
  server.on("connection", (socket: Socket) => numbers.set(socket, numbers.size + 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of numbers.keys()) socket.destroy();
      }),
  };
}

test("three legs on one connection, one step", async () => {
  await using server = await startNtlmServer();

  const step = await runRequest(
    { method: "POST", url: server.url, body: { mode: "raw", raw: "body" }, auth: auth() },
    { engine },
  );

  expect(server.log).toEqual(["1 nobody body", "1 negotiate body", "1 CORP\\User@WS body"]);
  expect(step.response?.code).toBe(200);
  expect(step.console).toEqual([]);
  expect(step.errors).toEqual([]);
});

test.each([
  ["CORP\\User", "CORP\\User@WS"],
  ["User@corp", "CORP\\User@WS"],
  ["User", "\\User@WS"],
  ["a\\b@c", "\\a\\b@c@WS"],
])("the domain may stand in the name: %s", async (username, expected) => {
  await using server = await startNtlmServer();

  await runRequest({ url: server.url, auth: auth({ username, domain: "" }) }, { engine });

  expect(server.log.at(-1)).toBe(`1 ${expected}`);
});

test("steps that inherit the auth go on with the login; nothing else uses its connection", async () => {
  await using server = await startNtlmServer();
  const folder = (name: string, more: object, items: number) => ({
    name,
    ...more,
    item: Array.from({ length: items }, (_, index) => ({ name: `${index}`, request: { url: server.url } })),
  });

  const { steps } = await runItems(
    [
      folder("logged in", { auth: auth() }, 2),
      folder("other login", { auth: auth() }, 1),
      folder("none", {}, 1),
    ],
    { engine },
  );

  expect(server.log).toEqual([
    "1 nobody",
    "1 negotiate",
    "1 CORP\\User@WS",
    "1 CORP\\User@WS",
    "2 nobody",
    "2 negotiate",
    "2 CORP\\User@WS",
    "3 nobody",
  ]);
  expect(steps.map(({ response }) => response?.code)).toEqual([200, 200, 200, 401]);
});

test("runs side by side do not take each other's connection", async () => {
  await using server = await startNtlmServer();

  const steps = await Promise.all(
    Array.from({ length: 10 }, () =>
      runRequest({ method: "POST", url: server.url, auth: auth() }, { engine }),
    ),
  );

  expect(steps.map(({ response }) => response?.code)).toEqual(Array.from({ length: 10 }, () => 200));
});

test("a wrong password is tried once", async () => {
  await using server = await startNtlmServer({ password: "other" });

  const step = await runRequest({ url: server.url, auth: auth() }, { engine });

  expect(server.log).toEqual(["1 nobody", "1 negotiate", "1 refused"]);
  expect(step.response?.code).toBe(401);
});

test.each([
  ["a server that asks for something else", { offer: ["Basic"] }, {}],
  ["disableRetryRequest", {}, { disableRetryRequest: true }],
])("%s ends it after one leg", async (_what, settings, parameters) => {
  await using server = await startNtlmServer(settings);

  const step = await runRequest({ url: server.url, auth: auth(parameters) }, { engine });

  expect(server.log).toEqual(["1 nobody"]);
  expect(step.console).toEqual([]);
});

test.each([
  ["NTLM", "ntlm: server did not send NTLM type 2 message"],
  ["NTLM bm9uc2Vuc2U=", "ntlm: server did not correctly process authentication request"],
])("a server that breaks the protocol is named in the console: %s", async (answer, problem) => {
  await using server = await startNtlmServer({ answer });

  const step = await runRequest({ url: server.url, auth: auth() }, { engine });

  expect(step.response?.code).toBe(401);
  expect(step.console.map(({ level, messages }) => [level, ...messages])).toEqual([
    ["warn", `runtime~ntlm.auth: there was an error validating auth: ${problem}`],
  ]);
});
