import { type AddressInfo, createServer, type Socket } from "node:net";

import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface ReceivedCall {
  path: string;
  headers: Record<string, string>;
  text: string;
  // Tests state the shape that they expect.
  // oxlint-disable-next-line typescript/no-explicit-any
  body: any;
}

export interface HttpReceiver {
  url: string;
  calls: ReceivedCall[];
  /** Answers of the next calls; 200 once there are none. */
  answers: { status: number; headers?: Record<string, string>; body?: string }[];
  stop(): Promise<void>;
}

/** An HTTP server that notes every call. */
export function httpReceiver(port = 0): HttpReceiver {
  const calls: ReceivedCall[] = [];
  const answers: HttpReceiver["answers"] = [];
  const server = Bun.serve({
    port,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const text = await request.text();
      const { pathname, search } = new URL(request.url);
      calls.push({
        path: pathname + search,
        headers: Object.fromEntries(request.headers),
        text,
        body: text === "" ? undefined : JSON.parse(text),
      });
      const { status = 200, headers = {}, body = "ok" } = answers.shift() ?? {};
      return new Response(body, { status, headers });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    calls,
    answers,
    stop: () => server.stop(true),
  };
}

/** Takes connections and never answers, until it is stopped. */
export async function silentReceiver(): Promise<{
  url: string;
  port: number;
  connections: () => number;
  stop(): Promise<void>;
}> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  // A TCP server that listens has one.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Header and body as they came. */
  raw: string;
  secure: boolean;
  user: string | undefined;
}

export interface MailReceiver {
  port: number;
  mails: ReceivedMail[];
  /** Answer with this code instead of taking the next mails. */
  refuse: { code: number; message: string }[];
  stop(): Promise<void>;
}

/** A mail server that somebody else wrote, and that notes every mail. */
export async function mailReceiver(options: SMTPServerOptions = {}): Promise<MailReceiver> {
  const mails: ReceivedMail[] = [];
  const refuse: MailReceiver["refuse"] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    logger: false,
    onAuth: (auth, _session, done) => done(null, { user: auth.username }),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const refusal = refuse.shift();
        if (refusal) {
          done(Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(chunks).toString("utf8"),
          secure: session.secure,
          user: typeof session.user === "string" ? session.user : undefined,
        });
        done(null, "queued");
      });
    },
    ...options,
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", () => listening()));
  // A TCP server that listens has one.
  const { port } = server.server.address() as AddressInfo;
  return { port, mails, refuse, stop: () => new Promise((closed) => server.close(() => closed())) };
}
