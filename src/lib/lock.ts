import { dlopen, FFIType } from "bun:ffi";
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { hostname } from "node:os";

export interface FileLock {
  release(): void;
}

const LOCK_EXCLUSIVE_NOW = 2 | 4;

/**
 * Takes an exclusive lock that the operating system gives back when this process ends, however it ends;
 * undefined when somebody alive holds it. It holds between containers that share a folder, where process ids
 * mean nothing. Where there is no `flock` (Windows), the process id in the file decides.
 */
export function tryLock(path: string): FileLock | undefined {
  const fd = openSync(path, "a+", 0o600);
  const taken = systemLock ? systemLock(fd) : !isHeldByLivingProcess(path);
  if (!taken) {
    closeSync(fd);
    return undefined;
  }
  if (!systemLock) writeSync(fd, `${hostname()} ${process.pid}\n`);
  return { release: () => closeSync(fd) };
}

const systemLock = loadSystemLock();

function loadSystemLock(): ((fd: number) => boolean) | undefined {
  for (const library of libraries()) {
    try {
      const { symbols } = dlopen(library, {
        flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      });
      return (fd) => symbols.flock(fd, LOCK_EXCLUSIVE_NOW) === 0;
    } catch {
      // The next name of the C library is tried; without any, process ids decide.
    }
  }
  return undefined;
}

function libraries(): string[] {
  if (process.platform === "darwin") return ["libSystem.B.dylib"];
  if (process.platform !== "linux") return [];
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  return ["libc.so.6", `libc.musl-${machine}.so.1`];
}

function isHeldByLivingProcess(path: string): boolean {
  const [host, pid] = (readFileSync(path, "utf8").trim().split("\n").at(-1) ?? "").split(" ");
  if (!pid || host !== hostname() || Number(pid) === process.pid) return false;
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}
