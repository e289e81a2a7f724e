import { afterAll, beforeAll, expect, test } from "bun:test";

import { fetchDocument } from "../../../src/engine/formats/fetch-document.ts";

let server: ReturnType<typeof Bun.serve>;
beforeAll(() => {
  const paths: Record<string, () => Response> = {
    "/api/spec.yaml": () => new Response("openapi: 3.1.0"),
    "/moved": () => Response.redirect("/api/spec.yaml", 302),
    "/circle": () => Response.redirect("/circle", 302),
    "/to-metadata": () => Response.redirect("http://169.254.169.254/latest", 302),
    "/to-file": () => new Response(null, { status: 302, headers: { location: "file:///etc/passwd" } }),
    "/large": () => new Response(new Uint8Array(31 * 1024 * 1024)),
    "/cut": () => new Response("short", { headers: { "content-encoding": "identity" }, status: 404 }),
  };
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => paths[new URL(request.url).pathname]?.() ?? new Response(null, { status: 404 }),
  });
});
afterAll(() => server.stop(true));

test.each(["/api/spec.yaml", "/moved"])("%s is read, and named by its path", async (path) => {
  const { bytes, name } = await fetchDocument(`${server.url.origin}${path}`);

  expect(new TextDecoder().decode(bytes)).toBe("openapi: 3.1.0");
  expect(name).toBe("spec.yaml");
});

test.each([
  ["/nothing", "answered 404, not with a document."],
  ["/circle", "redirects more than 3 times."],
  ["/to-metadata", "metadata"],
  ["/to-file", "begins with http:// or https://"],
  ["/large", "is larger than 30 MB."],
])("%s: %s", async (path, message) => {
  await expect(fetchDocument(`${server.url.origin}${path}`)).rejects.toThrow(message);
});

test.each([
  ["file:///etc/passwd", "begins with http:// or https://"],
  ["shop", "begins with http:// or https://"],
  ["http://169.254.169.254/latest/meta-data", "metadata"],
  ["http://metadata.google.internal/", "metadata"],
  ["http://127.0.0.1:1/", "cannot be read"],
  ["http://no-such-name.invalid/", "cannot be read"],
])("%s: %s", async (url, message) => {
  await expect(fetchDocument(url)).rejects.toThrow(message);
});
