import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** Zone (`src/runs`, `db`, …) → zones that it may import beside itself. */
export type Zones = ReadonlyMap<string, ReadonlySet<string>>;

export interface Source {
  /** From the root, with forward slashes. */
  path: string;
  text: string;
}

/** Reads the table "Zones and imports" of docs/design.md, the one place where the rule stands. */
export function readZones(markdown: string): Zones {
  const section = /## Zones and imports\n(.*?)(?:\n## |$)/s.exec(markdown)?.[1] ?? "";
  const rows = [...section.matchAll(/^\| (`.+?) \| (.+?) \|$/gm)].map(([, zones = "", allowed = ""]) => ({
    zones: quoted(zones),
    allowed,
  }));
  const all = rows.flatMap((row) => row.zones);

  const zones = new Map<string, ReadonlySet<string>>();
  let rowAbove: string[] = [];
  for (const { zones: names, allowed } of rows) {
    const inherited = /^(…|the row above)/.test(allowed) ? rowAbove : [];
    const imports = allowed === "everything" ? all : [...inherited, ...quoted(allowed)];
    for (const name of names) zones.set(name, new Set(imports));
    rowAbove = imports;
  }
  return zones;
}

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

/** Every TypeScript file below the folders, sorted by path. */
export function readSources(root: string, folders: readonly string[]): Source[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) =>
        join(folder, name),
      ),
    )
    .filter((path) => /\.tsx?$/.test(path))
    .toSorted()
    .map((path) => ({ path: path.replaceAll("\\", "/"), text: readFileSync(join(root, path), "utf8") }));
}

/** One sentence per import that the zones do not allow; type-only imports count like all others. */
export function findForbiddenImports(sources: readonly Source[], zones: Zones): string[] {
  return sources.flatMap(({ path, text }) =>
    listImports(text)
      .filter((name) => name.startsWith("."))
      .map((name) => relative(".", resolve(dirname(path), name)).replaceAll("\\", "/"))
      .filter((target) => !mayImport(zones, path, target))
      .map((target) => `${path} must not import ${target}`),
  );
}

function mayImport(zones: Zones, from: string, to: string): boolean {
  const fromZone = zoneOf(zones, from);
  const toZone = zoneOf(zones, to);
  if (fromZone === undefined || toZone === undefined) return false;
  return fromZone === toZone || (zones.get(fromZone)?.has(toZone) ?? false);
}

const zoneOf = (zones: Zones, path: string) =>
  [...zones.keys()].find((zone) => path === zone || path.startsWith(`${zone}/`));

/** Module names of all imports and re-exports: static, type-only, dynamic, and for their side effects. */
export function listImports(text: string): string[] {
  const code = codeOf(text);
  const patterns = [
    /\bfrom\s*["']([^"'\n]+)["']/g,
    /\bimport\s*["']([^"'\n]+)["']/g,
    /\b(?:import|require)\(\s*["']([^"'\n]+)["']/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, name = ""]) => name));
}

/** Places where a pattern stands in code, as `path:line`. */
export function findInCode(sources: readonly Source[], pattern: RegExp): string[] {
  return sources.flatMap(({ path, text }) =>
    codeOf(text)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
  );
}

/** Blanks the lines that are comments, so that prose may name what code may not. */
const codeOf = (text: string) => text.replaceAll(/^\s*(?:\/\/|\/\*|\*).*$/gm, "");
