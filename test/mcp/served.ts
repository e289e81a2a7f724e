import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";

import type { Deps } from "../../src/access/context.ts";
import { type TestApi, testApi } from "../support/api.ts";

export interface McpApi extends TestApi {
  /** Under which it is reached, and which it calls its own. */
  url: string;
  /** Connected with a key, unless the options say otherwise. */
  connect(path?: string, options?: ConnectOptions): Promise<Client>;
  stop(): Promise<void>;
}

interface ConnectOptions {
  headers?: Record<string, string>;
  version?: VersionNegotiationMode;
}

/** The whole app on a fresh database behind a port, whose address is its public URL: OAuth names it everywhere. */
export async function servedMcp(overrides: Partial<Deps> = {}): Promise<McpApi> {
  const stopping = new AbortController();
  let answer: (request: Request, server: unknown) => Response | Promise<Response> = () =>
    new Response("starting", { status: 503 });
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: (request, self) => answer(request, self),
  });
  const url = `http://127.0.0.1:${server.port}`;
  const api = await testApi({ ...overrides, publicUrl: url, stopping: stopping.signal });
  answer = (request, self) => api.app.fetch(request, self);
  return {
    ...api,
    url,
    connect: async (path = "/mcp", { headers, version } = {}) => {
      const client = new Client(
        { name: "test", version: "1" },
        version && { versionNegotiation: { mode: version } },
      );
      const sent = headers ?? { authorization: `Bearer ${api.key}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(url + path), { requestInit: { headers: sent } }),
      );
      return client;
    },
    stop: async () => {
      stopping.abort();
      await server.stop(true);
    },
  };
}
