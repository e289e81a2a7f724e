import { Hono } from "hono";

import { listAssets } from "../../web/embed.ts";

const FOR_EVER = "public, max-age=31536000, immutable";

/** Scripts, styles and the icon below `/assets`: open to all, cached for ever because their names carry a hash. */
export function assetRoutes(): Hono {
  const routes = new Hono();
  for (const asset of listAssets()) {
    const headers = {
      "content-type": asset.contentType,
      "cache-control": FOR_EVER,
      "x-content-type-options": "nosniff",
      vary: "accept-encoding",
    };
    routes.get(asset.url, (c) =>
      /\bgzip\b/.test(c.req.header("accept-encoding") ?? "")
        ? c.body(asset.gzipped, 200, { ...headers, "content-encoding": "gzip" })
        : c.body(asset.bytes, 200, headers),
    );
  }
  return routes;
}
