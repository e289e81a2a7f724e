import { createServer, type AddressInfo, type Socket } from "node:net";

import { answerTo } from "./target.ts";

/** One request exactly as it came over the socket; the body is taken out of its chunks, if it had any. */
export interface WireRequest {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  /** Latin-1, so that every byte is one character. */
  body: string;
}

/** A server for one collection: what it receives can only be from that collection. */
export interface Recorder {
  port: number;
  /** Gives what was received since the last call, in order of arrival. */
  take(): WireRequest[];
  close(): void;
}

/** Listens on a port of its own and writes down bytes, not what an HTTP library makes of them. */
export async function startRecorder(): Promise<Recorder> {
  let received: WireRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    const parse = createParser((request) => {
      received.push(request);
      answerTo(request, socket);
    });
    socket.on("data", (chunk: Buffer) => parse(chunk.toString("latin1")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on TCP has an address of this form.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    take: () => {
      const taken = received;
      received = [];
      return taken;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Cuts a stream of bytes into requests; strict, because a request that needs leniency is itself a finding. */
function createParser(onRequest: (request: WireRequest) => void): (bytes: string) => void {
  let pending = "";
  return (bytes) => {
    pending += bytes;
    for (let next = readRequest(pending); next; next = readRequest(pending)) {
      pending = pending.slice(next.length);
      onRequest(next.request);
    }
  };
}

function readRequest(bytes: string): { request: WireRequest; length: number } | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const [requestLine = "", ...lines] = bytes.slice(0, headEnd).split("\r\n");
  const [, method = "", target = ""] = /^(\S+) (.*) HTTP\/1\.1$/.exec(requestLine) ?? [];
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
  });
  const body = readBody(bytes, headEnd + 4, headers);
  if (!body) return undefined;
  return { request: { method, target, headers, body: body.text }, length: body.end };
}

function readBody(
  bytes: string,
  start: number,
  headers: WireRequest["headers"],
): { text: string; end: number } | undefined {
  const value = (lowerName: string) => headers.find(([name]) => name.toLowerCase() === lowerName)?.[1];
  if (value("transfer-encoding") === "chunked") return readChunks(bytes, start);
  const end = start + Number(value("content-length") ?? 0);
  return bytes.length < end ? undefined : { text: bytes.slice(start, end), end };
}

function readChunks(bytes: string, start: number): { text: string; end: number } | undefined {
  let text = "";
  for (let at = start; ;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { text, end };
    text += bytes.slice(lineEnd + 2, end - 2);
    at = end;
  }
}
