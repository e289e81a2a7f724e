import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type TlsOptions, type TLSSocket } from "node:tls";

/** A certificate or key of `test/support/tls`. */
export const readTls = (name: string): string =>
  readFileSync(new URL(`tls/${name}`, import.meta.url), "utf8");

export interface TlsServer extends AsyncDisposable {
  url: string;
  port: number;
  /** Names of the client certificates that came with the requests; "" = none. */
  clients: string[];
}

/** An HTTPS server on loopback that answers `secure`. */
export async function startTlsServer(options: TlsOptions = {}): Promise<TlsServer> {
  const clients: string[] = [];
  const sockets = new Set<TLSSocket>();
  const server = createServer(
    { cert: readTls("server.pem"), key: readTls("server.key.pem"), ...options },
    (socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", () => {
        const names = options.requestCert ? socket.getPeerCertificate().subject?.CN : "";
        clients.push([names ?? ""].flat().join(" "));
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure");
      });
    },
  );
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Listening on TCP: the address is an object.
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/`,
    port,
    clients,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
