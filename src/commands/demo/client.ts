import { z } from "zod";

import { AppError } from "../../lib/errors.ts";

/** The control plane's own API with an API key, as any program would use it. */
export interface ApiClient {
  /** Parses the answer. Throws `not_found` on 404, `unauthenticated` on 401, `unavailable` on everything else. */
  call<T>(method: "GET" | "POST" | "PUT", path: string, answer: z.ZodType<T>, body?: unknown): Promise<T>;
}

const errorAnswer = z.object({ error: z.object({ message: z.string() }) });

export function createApiClient(address: string, apiKey: string, signal: AbortSignal): ApiClient {
  return {
    call: async (method, path, answer, body) => {
      const response = await fetch(`${address}/api${path}`, {
        method,
        headers: { "x-api-key": apiKey, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal,
        // A proxy of this machine has no way to its loopback.
        proxy: false,
      });
      const content: unknown = await response.json().catch(() => undefined);
      if (response.ok) return answer.parse(content);
      const reason = errorAnswer.safeParse(content).data?.error.message ?? "no reason given";
      throw new AppError(
        codeOf(response.status),
        `${method} /api${path} answered ${response.status}: ${reason}`,
      );
    },
  };
}

function codeOf(status: number): "not_found" | "unauthenticated" | "unavailable" {
  if (status === 404) return "not_found";
  return status === 401 ? "unauthenticated" : "unavailable";
}
