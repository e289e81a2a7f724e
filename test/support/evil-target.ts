import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { gzipSync } from "node:zlib";

/** A server on loopback that answers each path wrongly in its own way, and `/ok` rightly. */
export interface EvilTarget {
  url(path: string): string;
  /** With a certificate of an authority that nobody knows. */
  tlsUrl(path: string): string;
  stop(): Promise<void>;
}

const MB = 1024 * 1024;
const chunk = Buffer.alloc(MB, "a");
const bomb = gzipSync(Buffer.alloc(200 * MB));
const head = (fields: string) => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`;

/** Writes as fast as the other side reads, until it goes away. */
function pour(socket: Socket, totalBytes: number): void {
  let left = totalBytes;
  const write = () => {
    while (left > 0 && !socket.destroyed) {
      left -= chunk.length;
      if (!socket.write(chunk)) {
        socket.once("drain", write);
        return;
      }
    }
  };
  write();
}

const answers: Record<string, (socket: Socket) => void> = {
  "/ok": (socket) => socket.end(`${head("content-length: 2\r\nconnection: close")}ok`),
  "/huge": (socket) => {
    socket.write(head(`content-length: ${1024 * MB}`));
    pour(socket, 1024 * MB);
  },
  "/bomb": (socket) => {
    socket.write(head(`content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\nconnection: close`));
    socket.end(bomb);
  },
  "/endless": (socket) => {
    socket.write(head("transfer-encoding: chunked"));
    const timer = setInterval(() => socket.write("1\r\na\r\n"), 100);
    socket.on("close", () => clearInterval(timer));
  },
  "/silent": () => {},
  "/short": (socket) => socket.end(`${head("content-length: 100")}only this`),
  "/garbage": (socket) => socket.end("220 mail.example.com ESMTP\r\n"),
  "/binary": (socket) => {
    const body = Buffer.from([0, 1, 2, 0xff, 0xfe, 0, 0x80, 0]);
    socket.write(
      head(`content-type: application/octet-stream\r\ncontent-length: ${body.length}\r\nconnection: close`),
    );
    socket.end(body);
  },
};

function answer(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.once("data", (request) => {
    const [, path = ""] = request.toString("latin1").split(" ");
    (answers[path] ?? ((other) => other.end()))(socket);
  });
}

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

export async function startEvilTarget(): Promise<EvilTarget> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    answer(socket);
  };
  const read = (name: string) => Bun.file(join(import.meta.dir, "tls", name)).text();
  const plain = createServer(track);
  const secure = createTlsServer(
    { cert: await read("server.pem"), key: await read("server.key.pem") },
    track,
  );
  const [port, tlsPort] = await Promise.all([listen(plain), listen(secure)]);
  return {
    url: (path) => `http://127.0.0.1:${port}${path}`,
    tlsUrl: (path) => `https://127.0.0.1:${tlsPort}${path}`,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await Promise.all([plain, secure].map((server) => new Promise((done) => server.close(done))));
    },
  };
}
