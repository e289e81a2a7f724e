import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import htmx from "htmx.org/dist/htmx.min.js" with { type: "file" };
import uplot from "uplot/dist/uPlot.iife.min.js" with { type: "file" };

import appScript from "./assets/app.js" with { type: "file" };
import chartPaintScript from "./assets/chart-paint.js" with { type: "file" };
import chartZoomScript from "./assets/chart-zoom.js" with { type: "file" };
import chartScript from "./assets/chart.js" with { type: "file" };
import editorScript from "./assets/editor.js" with { type: "file" };
import icon from "./assets/icon.svg" with { type: "file" };
import { styles } from "./styles/index.ts";

import uplotStyle from "uplot/dist/uPlot.min.css" with { type: "file" };

/**
 * The files that the browser loads, by their plain names. The paths work from source and inside the compiled
 * program; a test compares the list with the folder.
 */
const files = {
  "app.js": appScript,
  "chart-paint.js": chartPaintScript,
  "chart-zoom.js": chartZoomScript,
  "chart.js": chartScript,
  "editor.js": editorScript,
  "icon.svg": icon,
  "htmx.js": htmx,
  "uplot.css": uplotStyle,
  "uplot.js": uplot,
} as const;

/** `app.css` is all of `styles/` as one file. */
export type AssetName = keyof typeof files | "app.css";

const contentTypes: Record<string, string> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

export interface Asset {
  name: AssetName;
  /** Path on the server, with a hash of the content: it can be cached for ever. */
  url: string;
  contentType: string;
  bytes: Uint8Array<ArrayBuffer>;
  gzipped: Uint8Array<ArrayBuffer>;
}

let loaded: Map<AssetName, Asset> | undefined;

/** Every asset; read once, on the first call. */
export function listAssets(): Asset[] {
  return [...assets().values()];
}

/** The address of an asset with its hash, e.g. `/assets/app.1c9f2ab4.css`. */
export function assetUrl(name: AssetName): string {
  const asset = assets().get(name);
  if (asset === undefined) throw new Error(`no asset ${name}`);
  return asset.url;
}

function assets(): Map<AssetName, Asset> {
  // Object.keys of a const object has exactly its keys.
  const names = ["app.css", ...Object.keys(files)] as AssetName[];
  loaded ??= new Map(names.map((name) => [name, load(name)]));
  return loaded;
}

const bytesOf = (name: AssetName): Uint8Array<ArrayBuffer> =>
  name === "app.css"
    ? new TextEncoder().encode(Object.values(styles).join("\n"))
    : new Uint8Array(readFileSync(files[name]));

function load(name: AssetName): Asset {
  const bytes = bytesOf(name);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const [stem = "", extension = ""] = name.split(".");
  return {
    name,
    url: `/assets/${stem}.${hash}.${extension}`,
    contentType: contentTypes[extension] ?? "application/octet-stream",
    bytes,
    gzipped: Bun.gzipSync(bytes, { level: 9 }),
  };
}
