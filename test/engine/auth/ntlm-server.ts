import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";

const serverChallenge = Buffer.from("0123456789abcdef", "hex");
const pair = (id: number, value: Buffer): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
};
const serverTime = Buffer.from("00d0a5d0d5b6da01", "hex");

/** MS-NLMP 2.2.1.2: target name, flags, challenge, target info. */
function challengeMessage(tellsTime: boolean): Buffer {
  const targetInfo = Buffer.concat([
    pair(2, Buffer.from("CORP", "utf16le")),
    tellsTime ? pair(7, serverTime) : Buffer.alloc(0),
    pair(0, Buffer.alloc(0)),
  ]);
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
function judge(message: Buffer, password: string, tellsTime: boolean): string {
  const hmac = (key: Buffer, data: Buffer) => createHmac("md5", key).update(data).digest();
  const [domain, user, workstation] = [28, 36, 44].map((at) => fieldOf(message, at).toString("utf16le"));
  const response = fieldOf(message, 20);
  const hash = createHash("md4").update(Buffer.from(password, "utf16le")).digest();
  const key = hmac(hash, Buffer.from(`${user?.toUpperCase()}${domain}`, "utf16le"));
  const [proof, blob] = [response.subarray(0, 16), response.subarray(16)];
  if (!hmac(key, Buffer.concat([serverChallenge, blob])).equals(proof)) return "refused";
  if (tellsTime && !blob.subarray(8, 16).equals(serverTime)) return "at another time";
  return `${domain}\\${user}@${workstation}`;
}

export interface NtlmServer extends AsyncDisposable {
  url: string;
  /** One line a request: number of its connection, what it said, body. */
  log: string[];
}

interface NtlmSettings {
  password?: string;
  offer?: string[];
  /** False: the second message does not say what time it is. */
  tellsTime?: boolean;
  /** Instead of the second message. */
  answer?: string;
}

/** Logs connections in, as IIS does. */
export async function startNtlmServer(settings: NtlmSettings = {}): Promise<NtlmServer> {
  const { password = "Pässword", offer = ["Negotiate", "NTLM"], tellsTime = true } = settings;
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
        challenge: [settings.answer ?? `NTLM ${challengeMessage(tellsTime).toString("base64")}`],
        said: "negotiate",
      };
    if (type === 3) {
      const user = judge(message, password, tellsTime);
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
