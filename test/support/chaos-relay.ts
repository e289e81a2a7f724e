import { connect, createServer, type Socket } from "node:net";

/** A TCP relay whose packets can be made to vanish: neither data nor the end of a connection gets through any more. */
export interface ChaosRelay {
  port: number;
  /** Connections so far. */
  accepted(): number;
  /** From now on nothing is forwarded and nothing is closed, on connections that are there and on new ones. */
  freeze(): void;
  /** New connections work again; those that were frozen stay dead, as when a firewall has lost its table. */
  thaw(): void;
  stop(): Promise<void>;
}

export type RelayTarget = { host: string; port: number } | { path: string };

export async function startRelay(target: RelayTarget): Promise<ChaosRelay> {
  const pairs = new Set<Pair>();
  let isFrozen = false;
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    accepted++;
    const pair = new Pair(client, () => pairs.delete(pair));
    pairs.add(pair);
    if (isFrozen) pair.freeze();
    else pair.forward(target);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the relay has no port");
  return {
    port: address.port,
    accepted: () => accepted,
    freeze: () => {
      isFrozen = true;
      for (const pair of pairs) pair.freeze();
    },
    thaw: () => void (isFrozen = false),
    stop: async () => {
      for (const pair of pairs) pair.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One connection and its continuation. */
class Pair {
  readonly #client: Socket;
  readonly #onClosed: () => void;
  #onward: Socket | undefined;
  #isFrozen = false;

  constructor(client: Socket, onClosed: () => void) {
    this.#client = client;
    this.#onClosed = onClosed;
    client.on("error", () => {});
  }

  forward(target: RelayTarget): void {
    const onward = connect({ ...target, allowHalfOpen: true });
    this.#onward = onward;
    onward.on("error", () => this.#end());
    this.#pass(this.#client, onward);
    this.#pass(onward, this.#client);
  }

  freeze(): void {
    this.#isFrozen = true;
    for (const socket of [this.#client, this.#onward]) {
      socket?.removeAllListeners("data");
      // What comes is read and thrown away: a full window would tell the sender that somebody is there.
      socket?.resume();
    }
  }

  destroy(): void {
    this.#client.destroy();
    this.#onward?.destroy();
    this.#onClosed();
  }

  #pass(from: Socket, to: Socket): void {
    from.on("data", (chunk) => {
      if (!to.write(chunk)) from.pause();
    });
    to.on("drain", () => from.resume());
    from.on("end", () => {
      if (!this.#isFrozen) to.end();
    });
    from.on("close", () => this.#end());
  }

  #end(): void {
    if (!this.#isFrozen) this.destroy();
  }
}
