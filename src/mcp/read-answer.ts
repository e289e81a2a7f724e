import type { ApiAnswer } from "./tool.ts";

/** Both kinds of JSON are parsed; definitions and Markdown come as text. */
export async function readAnswer(response: Response): Promise<ApiAnswer> {
  const text = await response.text();
  const isJson = /^application\/(\w+\+)?json\b/.test(response.headers.get("content-type") ?? "");
  return {
    status: response.status,
    body: isJson && text !== "" ? (JSON.parse(text) as unknown) : text,
    retryAfter: response.headers.get("retry-after") ?? undefined,
  };
}
