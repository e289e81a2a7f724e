import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { packPrograms } from "../db/postgres-archive.ts";
import { ARCHIVE_PREFIX, developmentFolder, POSTGRES_MAJOR } from "../db/postgres-programs.ts";
import { bundleLibraries } from "../src/engine/sandbox/libraries/bundle.ts";
import { embeddedName as realmSourcesName } from "../src/engine/sandbox/libraries/load.ts";

/** Builds `dist/app`: server, runner, pages, migrations and Postgres in one file, for this platform. */
const root = join(import.meta.dir, "..");
const dist = join(root, "dist");
const outfile = join(dist, process.platform === "win32" ? "app.exe" : "app");

/** Higher levels save 2 MB and take ten times as long. */
const ZSTD_LEVEL = 12;

mkdirSync(dist, { recursive: true });
const embedded = [await archivePostgres(), await bundleRealm()];
await compile(embedded);
process.stdout.write(`${outfile}: ${(statSync(outfile).size / 1e6).toFixed(1)} MB\n`);

async function compile(assets: string[]): Promise<void> {
  const unfinished = `${outfile}.${process.pid}.new`;
  const result = await Bun.build({
    entrypoints: [join(root, "src", "main.ts")],
    tsconfig: join(root, "tsconfig.json"),
    target: "bun",
    format: "esm",
    minify: true,
    splitting: true,
    bytecode: true,
    compile: {
      outfile: unfinished,
      assets,
      // A binary reads nothing that happens to lie where it is started.
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  for (const log of result.logs) process.stderr.write(`${log.message}\n`);
  if (!result.success) process.exit(1);
  // A program that runs cannot be overwritten; its name can be given away.
  renameSync(unfinished, outfile);
}

/** The name carries a hash of the content, so a data folder is given new programs exactly when they change. */
async function archivePostgres(): Promise<string> {
  const packed = packPrograms(developmentFolder());
  const hash = createHash("sha256").update(packed).digest("hex").slice(0, 12);
  const name = `${ARCHIVE_PREFIX}${POSTGRES_MAJOR}-${hash}.zst`;
  const path = join(dist, name);
  if (existsSync(path)) return path;
  for (const old of readdirSync(dist).filter((file) => file.startsWith(ARCHIVE_PREFIX)))
    rmSync(join(dist, old));
  const compressed = await Bun.zstdCompress(packed, { level: ZSTD_LEVEL });
  writeFileSync(`${path}.new`, compressed);
  renameSync(`${path}.new`, path);
  return path;
}

async function bundleRealm(): Promise<string> {
  const path = join(dist, `${realmSourcesName}.json`);
  await bundleLibraries(path);
  return path;
}
