import { type TestApi, testApi } from "./api.ts";

export interface ServedApi extends TestApi {
  url: string;
  /** Closes the port: connections are cut, as when the process dies. */
  close(): Promise<void>;
  /** Opens the same port again. */
  open(): void;
  stop(): Promise<void>;
}

/** The whole app on a fresh database, reachable over HTTP. */
export async function servedApi(): Promise<ServedApi> {
  const stopping = new AbortController();
  const api = await testApi({ stopping: stopping.signal });
  const listen = (port: number) =>
    Bun.serve({ port, hostname: "127.0.0.1", idleTimeout: 0, fetch: api.app.fetch });
  let server = listen(0);
  const port = server.port ?? 0;
  return {
    ...api,
    url: `http://127.0.0.1:${port}`,
    close: () => server.stop(true),
    open: () => {
      server = listen(port);
    },
    stop: async () => {
      stopping.abort();
      await server.stop(true);
    },
  };
}
