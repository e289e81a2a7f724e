/**
 * Stands where code would stand that has broken out of the language wall: locks itself in like a script
 * process, then tries everything, and prints what it got as one JSON line.
 */
import { dlopen, FFIType, ptr, read } from "bun:ffi";
import { mkdirSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { connect } from "node:net";

import { disarmHostRealm } from "../../src/engine/sandbox/disarm.ts";
import { lockProcess } from "../../src/engine/sandbox/seccomp.ts";

const [, , port = "0", shouldLock = "yes"] = process.argv;
const { i64, u64, ptr: pointer } = FFIType;
const libc = dlopen("libc.so.6", {
  syscall: { args: [i64, u64, u64, u64, u64], returns: i64 },
  __errno_location: { args: [], returns: pointer },
}).symbols;
const path = ptr(Buffer.from("/tmp/never\0"));
const isX64 = process.arch === "x64";
/** Number on x64 and arm64, then arguments. */
const calls: Record<string, [x64: number, arm64: number, ...values: (number | bigint)[]]> = {
  socket: [41, 198, 2, 1, 0],
  socketpair: [53, 199, 1, 1, 0],
  openat: [257, 56, 0xffffff9c, path, 0],
  openat2: [437, 437, 0xffffff9c, path, 0],
  execve: [59, 221, path, 0, 0],
  execveat: [322, 281, 0xffffff9c, path, 0],
  fork: [56, 220, 17, 0, 0],
  kill: [62, 129, process.ppid, 0],
  tkill: [200, 130, process.ppid, 0],
  tgkill: [234, 131, process.ppid, process.ppid, 0],
  ptrace: [101, 117, 16, process.ppid, 0],
  process_vm_readv: [310, 270, process.ppid, 0, 0],
  process_vm_writev: [311, 271, process.ppid, 0, 0],
  pidfd_open: [434, 434, process.ppid, 0],
  io_uring_setup: [425, 425, 1, 0],
  bpf: [321, 280, 0, 0, 0],
  keyctl: [250, 219, 0, 0],
  unshare: [272, 97, 0],
  setns: [308, 268, 0, 0],
  mount: [165, 40, path, path, path],
  mkdirat: [258, 34, 0xffffff9c, path, 0],
  unlinkat: [263, 35, 0xffffff9c, path, 0],
  renameat2: [316, 276, 0xffffff9c, path, 0xffffff9c, path],
  symlinkat: [266, 36, path, 0xffffff9c, path],
  newfstatat: [262, 79, 0xffffff9c, path, 0],
  statx: [332, 291, 0xffffff9c, path, 0],
  readlinkat: [267, 78, 0xffffff9c, path, 0],
  chdir: [80, 49, path],
  memfd_create: [319, 279, path, 0],
  userfaultfd: [323, 282, 0],
  perf_event_open: [298, 241, 0, 0],
  sendmsg: [46, 211, 1, 0, 0],
  recvmsg: [47, 212, 0, 0, 0],
  dup: [32, 23, 0],
  seccomp: [317, 277, 0, 0, 0],
  set_tid_priority: [141, 140, 0, 0, 0],
  prlimit_of_others: [302, 261, process.ppid, 7, path],
};

disarmHostRealm();
const lock = shouldLock === "yes" ? lockProcess() : { isolation: "none" };

// getpid by the x32 table: no error to answer, but an end.
if (port === "x32") libc.syscall(0x40000000 + 39, 0, 0, 0, 0);

const results: Record<string, string> = {};
for (const [name, [x64, arm64, ...values]] of Object.entries(calls)) {
  if (shouldLock !== "yes" && !["socket", "openat", "kill"].includes(name)) continue;
  const [a = 0, b = 0, c = 0, d = 0] = values;
  const result = libc.syscall(isX64 ? x64 : arm64, a, b, c, d);
  const errno = read.i32(libc.__errno_location() as never, 0);
  results[name] = Number(result) >= 0 ? "done" : `errno ${errno}`;
}

const attempt = async (name: string, act: () => unknown) => {
  try {
    await act();
    results[name] = "done";
  } catch (error) {
    results[name] = error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
};
await attempt("read a file", () => readFileSync("/etc/hostname"));
await attempt("make a folder", () => mkdirSync(`/tmp/never-${process.pid}`));
await attempt("remove a file", () => unlinkSync("/tmp/never"));
await attempt("run a program", () => Bun.spawnSync(["/bin/true"]));
await attempt("signal the parent", () => process.kill(process.ppid, 0));
await attempt("connect to a port", () => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  connect(Number(port), "127.0.0.1").once("connect", resolve).once("error", reject);
  return promise;
});
await attempt("listen on a port", () => Bun.serve({ port: 0, fetch: () => new Response() }));
await attempt("threads and promises go on", () => Bun.sleep(1).then(() => Bun.gc(true)));
writeSync(1, `${JSON.stringify({ lock, results })}\n`);
process.exit(0);
