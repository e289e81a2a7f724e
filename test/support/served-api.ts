import { type TestApi, testApi } from "./api.ts";

export interface ServedApi extends TestApi {
  url: string;
  stop(): Promise<void>;
}

/** The whole app on a fresh database, reachable over HTTP. */
export async function servedApi(): Promise<ServedApi> {
  const stopping = new AbortController();
  const api = await testApi(
    { stopping: stopping.signal },
    { rateLimit: { limit: 100_000, windowSeconds: 60 } },
  );
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: api.app.fetch });
  return {
    ...api,
    url: `http://127.0.0.1:${server.port}`,
    stop: async () => {
      stopping.abort();
      await server.stop(true);
    },
  };
}
