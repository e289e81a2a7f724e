import { expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { assetRoutes } from "../../src/server/assets.ts";
import { assetUrl, listAssets } from "../../web/embed.ts";
import { styles } from "../../web/styles/index.ts";

const folder = join(import.meta.dir, "../../web/assets");
const styleFolder = join(import.meta.dir, "../../web/styles");

test("every file of the folder is embedded", () => {
  const embedded: string[] = listAssets().map((asset) => asset.name);

  expect(embedded).toEqual(expect.arrayContaining(readdirSync(folder)));
});

test("every style is in the stylesheet", () => {
  const written = readdirSync(styleFolder).filter((name) => name.endsWith(".css"));

  expect(Object.keys(styles).toSorted()).toEqual(written.toSorted());
});

test("what is embedded beside the folder is the stylesheet and the two libraries", () => {
  const own = readdirSync(folder);

  const others = listAssets()
    .map((asset): string => asset.name)
    .filter((name) => !own.includes(name));

  expect(others.toSorted()).toEqual(["app.css", "htmx.js", "uplot.css", "uplot.js"]);
});

test("the name of an asset carries a hash, and the answer may be kept for ever", async () => {
  const url = assetUrl("app.css");

  const response = await assetRoutes().request(url);

  expect(url).toMatch(/^\/assets\/app\.[0-9a-f]{10}\.css$/);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/css; charset=utf-8");
  expect(response.headers.get("cache-control")).toContain("immutable");
  expect(await response.text()).toBe(Object.values(styles).join("\n"));
});

test("a browser that understands it gets an asset packed", async () => {
  const url = assetUrl("htmx.js");

  const response = await assetRoutes().request(url, { headers: { "accept-encoding": "gzip, br" } });

  const packed = new Uint8Array(await response.arrayBuffer());
  const plain = await (await assetRoutes().request(url)).text();
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(new TextDecoder().decode(Bun.gunzipSync(packed))).toBe(plain);
});

test("an asset without its hash does not exist", async () => {
  const response = await assetRoutes().request("/assets/app.css");

  expect(response.status).toBe(404);
});

test.each(["app.js", "chart-paint.js", "chart-zoom.js", "chart.js"])("%s stays small", async (name) => {
  const lines = (await Bun.file(join(folder, name)).text()).split("\n").length;

  expect(lines).toBeLessThanOrEqual(100);
});
