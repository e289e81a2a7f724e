import { existsSync } from "node:fs";

/** Whether this is the compiled file and not its sources. */
export const isCompiled = (): boolean => Bun.embeddedFiles.length > 0;

/** Program and arguments that start this very program again; a command follows. */
export const selfCommand = (): string[] => (isCompiled() ? [process.execPath] : [process.execPath, Bun.main]);

/** The platform of this program, as files for it are named: `linux-x64`, `darwin-arm64`, `win32-x64`. */
export const ownPlatform = `${process.platform}-${process.arch}`;

/** The compiled file that runs, whatever lies under its name by now; undefined when there is none. */
export function runningFile(): string | undefined {
  if (!isCompiled()) return undefined;
  const linux = "/proc/self/exe";
  return existsSync(linux) ? linux : process.execPath;
}
