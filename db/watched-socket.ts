import { Socket } from "node:net";

/** Where the driver connects to; several hosts are tried in turn. */
export interface PostgresAddress {
  host: string[];
  port: number[];
}

const LOOK_EVERY_MS = 500;

/**
 * Opens sockets to Postgres that are destroyed when a statement was sent and nothing comes back for `silentMs`. Otherwise a
 * connection whose packets vanish (a firewall that forgot it, a proxy before a dead server) would hold its statement, and
 * a place in the pool, for a quarter of an hour or for ever: the driver has no limit of its own.
 *
 * Over TLS nothing is watched, because what is sent then does not pass through here.
 */
export function createWatchedSockets(silentMs: number): (address: PostgresAddress) => Socket {
  let attempts = 0;
  return ({ host, port }) => {
    const index = attempts++ % host.length;
    const where = { host: host[index] ?? "localhost", port: port[index] ?? 5432 };
    const socket = new Socket();
    socket.connect(where.port, where.host);
    // Not before: `connect` sets `write` anew.
    watch(socket, silentMs);
    failAtClose(socket);
    // The driver takes the name for TLS from here.
    return Object.assign(socket, where);
  };
}

/** Opens sockets to a Postgres on this machine, at a path. */
export const createLocalSockets = (path: string) => (): Socket => {
  const socket = new Socket();
  socket.connect(path);
  failAtClose(socket);
  return socket;
};

function watch(socket: Socket, silentMs: number): void {
  let waitingSinceMs: number | undefined;
  const write = socket.write.bind(socket);
  const noteWrite = (...args: Parameters<typeof write>) => {
    waitingSinceMs ??= performance.now();
    return write(...args);
  };
  // The overloads of `write` take fewer arguments, and hand on what they get.
  socket.write = noteWrite as typeof socket.write;
  socket.on("data", (chunk: Buffer) => {
    if (isLast(chunk)) waitingSinceMs = undefined;
    else if (waitingSinceMs !== undefined) waitingSinceMs = performance.now();
  });
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    if (waitingSinceMs === undefined || performance.now() - waitingSinceMs < silentMs) return;
    socket.destroy(new Error(`Postgres has not answered for ${silentMs} ms`));
  }, LOOK_EVERY_MS);
  timer.unref();
}

/**
 * An error is told together with the end. The driver fails its statements at the error and gives the connection up at
 * the end; a statement that came between the two would never be answered.
 */
function failAtClose(socket: Socket): void {
  const emit = socket.emit.bind(socket);
  let failure: unknown[] | undefined;
  socket.emit = (name: string | symbol, ...args: unknown[]) => {
    if (name === "error") {
      failure ??= args;
      return true;
    }
    if (name === "close" && failure) emit("error", ...failure);
    return emit(name, ...args);
  };
}

/** `ReadyForQuery`: type, length and the state of the transaction. */
const READY_BYTES = 6;
const READY_HEAD = Buffer.from([0x5a, 0, 0, 0, 5]);

/** Whether an answer ends here; the answer to the question for TLS is one byte, and is whole. */
const isLast = (chunk: Buffer): boolean =>
  chunk.length < READY_BYTES || chunk.subarray(-READY_BYTES, -1).equals(READY_HEAD);
