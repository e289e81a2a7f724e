import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Socket } from "node:net";
import { fileURLToPath } from "node:url";

import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { RunHooks } from "../../src/engine/run.ts";
import { createScriptHost } from "../../src/engine/sandbox/host.ts";
import type { ScriptHost } from "../../src/engine/sandbox/protocol.ts";
import {
  defaultRunOptions,
  type RunEvent,
  type RunInput,
  type RunOptions,
  type RunSummary,
  type Step,
} from "../../src/engine/types.ts";

const childPath = fileURLToPath(new URL("../../src/engine/sandbox/child.ts", import.meta.url));

/** Script processes as the program has them, also where the kernel cannot fence them in. */
export const testScriptHost = (maxIdle = 1): ScriptHost =>
  createScriptHost({
    command: [process.execPath, childPath],
    maxIdle,
    memoryLimitMb: 512,
    allowWithoutSeccomp: true,
  });

export interface ReceivedRequest {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  rawHeaders: string[];
  body: string;
}

export interface TestServer extends AsyncDisposable {
  url: string;
  port: number;
  /** Everything that arrived, in order. */
  requests: ReceivedRequest[];
  /** Connections that were accepted. */
  connections: number;
  /** Connections that are open now. */
  countConnections(tell: (count: number) => void): void;
}

type Answer = (request: ReceivedRequest, response: ServerResponse) => void;

/** A real HTTP server on loopback; without an answer it says what it received. */
export async function startServer(answer: Answer = echo): Promise<TestServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = incoming;
      const request = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString() };
      requests.push(request);
      answer(request, response);
    });
  });
  const sockets = new Set<Socket>();
  const started: TestServer = {
    url: "",
    port: 0,
    requests,
    connections: 0,
    countConnections: (tell) => tell(sockets.size),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  server.on("connection", (socket: Socket) => {
    started.connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  started.port = portOf(server.address());
  started.url = `http://127.0.0.1:${started.port}`;
  return started;
}

const echo: Answer = (request, response) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(request));
};

const portOf = (address: string | AddressInfo | null): number =>
  typeof address === "object" && address !== null ? address.port : 0;

export interface RawServer extends AsyncDisposable {
  url: string;
  port: number;
  sockets: Set<Socket>;
  received: string[];
}

/** A TCP server that may break every rule of HTTP; `answer` is called once the head of a request is there. */
export async function startRawServer(answer: (socket: Socket, head: string) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const received: string[] = [];
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    let head = "";
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      received.push(head);
      answer(socket, head);
      head = "";
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    received,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** For runs that have no scripts: opening a script process would be a bug. */
export const noScripts: ScriptHost = {
  processes: () => ({ live: 0, restarts: 0, residentBytes: 0, cpuSeconds: 0 }),
  open: () => Promise.reject(new Error("a run without scripts opened a script session")),
  close: () => Promise.resolve(),
};

export interface Ran {
  events: RunEvent[];
  steps: Step[];
  summary: RunSummary;
}

export interface RunSetup extends Partial<Omit<RunInput, "options" | "collection">> {
  engine?: Engine;
  options?: Partial<RunOptions>;
  signal?: AbortSignal;
  onCookies?: RunHooks["onCookies"];
  /** Beside `info` and `item`. */
  collection?: Record<string, unknown>;
}

/** Runs items as a collection and gathers what came out. */
export async function runItems(item: unknown, setup: RunSetup = {}): Promise<Ran> {
  const { engine, options, signal, onCookies, collection, ...input } = setup;
  const document = { info: { name: "Collection" }, item, ...collection };
  return runDocument(document, {
    ...input,
    ...(engine ? { engine } : {}),
    ...(options ? { options } : {}),
    ...(signal ? { signal } : {}),
    ...(onCookies ? { onCookies } : {}),
  });
}

/** Runs a whole document, right or wrong. */
export async function runDocument(
  document: unknown,
  { engine, options, signal, onCookies, ...input }: RunSetup = {},
): Promise<Ran> {
  const used = engine ?? createEngine({ scripts: noScripts });
  const events: RunEvent[] = [];
  const run = used.run(
    {
      ...input,
      // Wrong documents are part of what is tested.
      collection: document as RunInput["collection"],
      options: { ...defaultRunOptions, ...options },
    },
    { signal: signal ?? new AbortController().signal, ...(onCookies ? { onCookies } : {}) },
  );
  for await (const event of run) events.push(event);
  if (!engine) await used.close();
  const steps = events.flatMap((event) => (event.type === "step_finished" ? [event.step] : []));
  const last = events.at(-1);
  if (last?.type !== "run_finished") throw new Error("the run did not end with run_finished");
  return { events, steps, summary: last.summary };
}

/** Runs one request and gives its step. */
export async function runRequest(request: unknown, setup: RunSetup = {}): Promise<Step> {
  const { steps } = await runItems([{ name: "Request", request }], setup);
  if (!steps[0]) throw new Error("the run has no step");
  return steps[0];
}
