import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import type { BunPlugin } from "bun";

import { plainErrors, slimChai } from "./chai/plugin.ts";
import { libraryNames, librarySources, processSource, withProcess } from "./names.ts";

/** Source texts that are evaluated inside a realm: the realm itself and the libraries, by name. */
export interface RealmSources {
  realm: string;
  libraries: Record<string, string>;
}

const projectRoot = join(import.meta.dir, "../../../..");

/** Writes everything that script processes evaluate into one file, for embedding in the binary. */
export async function bundleLibraries(outFile: string): Promise<void> {
  writeFileSync(outFile, JSON.stringify(await bundleRealmSources()));
}

/** As `bundleLibraries`, cached below node_modules until a source or a package changes: 0.3 s the first time. */
export async function cachedRealmSources(): Promise<RealmSources> {
  const file = join(cacheFolder(), `realm-${fingerprint()}.json`);
  if (!existsSync(file)) {
    const temporary = `${file}.${process.pid}`;
    await bundleLibraries(temporary);
    // Renamed into place: several script processes may start at once.
    renameSync(temporary, file);
  }
  // Written by the line above or an earlier run of it.
  return JSON.parse(readFileSync(file, "utf8")) as RealmSources;
}

function cacheFolder(): string {
  const folder = join(projectRoot, "node_modules/.cache/sallyport");
  mkdirSync(folder, { recursive: true });
  return folder;
}

function fingerprint(): string {
  const hash = createHash("sha256").update(Bun.version);
  const folders = ["../realm", "chai"].map((name) => join(import.meta.dir, name));
  const sources = folders.flatMap((folder) =>
    readdirSync(folder)
      .toSorted()
      .map((name) => join(folder, name)),
  );
  const shared = ["names.ts", "bundle.ts"].map((name) => join(import.meta.dir, name));
  const engine = ["url.ts", "json.ts"].map((name) => join(import.meta.dir, "../..", name));
  for (const file of [...sources, ...shared, ...engine, join(projectRoot, "package-lock.json")]) {
    hash.update(readFileSync(file));
  }
  return hash.digest("hex").slice(0, 16);
}

async function bundleRealmSources(): Promise<RealmSources> {
  // Below node_modules, so that the entries find the packages.
  const folder = mkdtempSync(join(cacheFolder(), "entries-"));
  try {
    const realm = await bundle(join(import.meta.dir, "../realm/main.ts"), [withoutNodeUrl]);
    const libraries: Record<string, string> = {};
    for (const name of libraryNames) {
      const entry = join(folder, `${name.replaceAll("/", "-")}-entry.js`);
      writeFileSync(entry, librarySources[name] ?? `module.exports = require(${JSON.stringify(name)})`);
      const source = await bundle(entry, [commonJsBuiltins, slimChai, plainErrors]);
      libraries[name] = withProcess.has(name) ? processSource + source : source;
    }
    return { realm, libraries };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bundle(entrypoint: string, plugins: BunPlugin[]): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [entrypoint],
    target: "browser",
    format: "cjs",
    minify: { whitespace: true, syntax: true },
    plugins,
  });
  const [output] = outputs;
  if (!output) throw new Error(`bundling ${entrypoint} gave nothing`);
  return output.text();
}

/** The engine's URL rules are shared with the realm, which has no use for the one function that needs Node. */
const withoutNodeUrl: BunPlugin = {
  name: "without-node-url",
  setup(build) {
    build.onResolve({ filter: /^node:url$/ }, () => ({ path: "url", namespace: "absent" }));
    build.onLoad({ filter: /.*/, namespace: "absent" }, () => ({
      contents: "export const domainToASCII = (name) => name;",
      loader: "js",
    }));
  },
};

/** Two of the bundler's stand-ins for modules of Node have a default export where `require` expects the module. */
const commonJsBuiltins: BunPlugin = {
  name: "commonjs-builtins",
  setup(build) {
    build.onResolve({ filter: /^(events|punycode)\/?$/ }, ({ path }) => ({
      path: path.replace("/", ""),
      namespace: "commonjs-builtin",
    }));
    build.onLoad({ filter: /.*/, namespace: "commonjs-builtin" }, ({ path }) => ({
      contents: `const found = require("node:${path}"); module.exports = Object.assign(found.default, found);`,
      loader: "js",
    }));
  },
};
