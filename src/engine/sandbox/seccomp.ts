import { dlopen, FFIType, ptr } from "bun:ffi";

import {
  allowedCalls,
  type Architecture,
  auditArchitectures,
  checkedCalls,
  numberOf,
  seccompCall,
} from "./syscalls.ts";

export interface ProcessLock {
  isolation: "seccomp" | "none";
  /** Why there is no seccomp although this is Linux. */
  detail?: string;
}

const PR_SET_PDEATHSIG = 1;
const PR_SET_DUMPABLE = 4;
const PR_SET_NAME = 15;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_VMA = 0x53_56_4d_41;
const SIGKILL = 9;
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
const CLONE_THREAD = 0x1_00_00;

/**
 * Takes everything from this process that a script could misuse; for good, and for threads that exist already.
 * Whatever needs a file has to be loaded before. Elsewhere than on Linux x64 and arm64 it does nothing.
 */
export function lockProcess(): ProcessLock {
  const { platform, arch } = process;
  if (platform !== "linux") return { isolation: "none" };
  if (arch !== "x64" && arch !== "arm64") return { isolation: "none", detail: `no filter for ${arch}` };
  try {
    installFilter(arch);
    return { isolation: "seccomp" };
  } catch (error) {
    return { isolation: "none", detail: error instanceof Error ? error.message : String(error) };
  }
}

function installFilter(architecture: Architecture): void {
  const { prctl, syscall } = openLibc();
  const set = (option: number, value: number, name: string) => {
    if (prctl(option, value, 0, 0, 0) !== 0) throw new Error(`prctl ${name} was refused`);
  };
  set(PR_SET_PDEATHSIG, SIGKILL, "PDEATHSIG");
  set(PR_SET_DUMPABLE, 0, "DUMPABLE");
  set(PR_SET_NO_NEW_PRIVS, 1, "NO_NEW_PRIVS");
  const filter = assemble(filterProgram(architecture, process.pid));
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, filter.byteLength / 8, true);
  program.setBigUint64(8, BigInt(ptr(filter)), true);
  const number = numberOf(seccompCall, architecture) ?? -1;
  const pointer = ptr(new Uint8Array(program.buffer));
  const result = syscall(number, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, pointer);
  if (Number(result) !== 0) throw new Error("the kernel refused the seccomp filter");
}

function openLibc() {
  const names = ["libc.so.6", `libc.musl-${process.arch === "x64" ? "x86_64" : "aarch64"}.so.1`, "libc.so"];
  for (const name of names) {
    try {
      const { i32, u64, i64, pointer } = { ...FFIType, pointer: FFIType.ptr };
      return dlopen(name, {
        prctl: { args: [i32, u64, u64, u64, u64], returns: i32 },
        syscall: { args: [i64, u64, u64, pointer], returns: i64 },
      }).symbols;
    } catch {
      // The next C library may be the one of this system.
    }
  }
  throw new Error("no C library was found");
}

/** One instruction of classic BPF; `label` names a target further down. */
interface Instruction {
  code: number;
  value: number;
  /** Instructions to skip when the comparison holds, or does not. */
  ifTrue?: number;
  ifFalse?: number;
}

const load = (offset: number): Instruction => ({ code: 0x20, value: offset });
const answer = (value: number): Instruction => ({ code: 0x06, value });
const skipIfEqual = (value: number, ifTrue: number, ifFalse: number): Instruction => ({
  code: 0x15,
  value,
  ifTrue,
  ifFalse,
});
const skipIfAtLeast = (value: number, ifTrue: number, ifFalse: number): Instruction => ({
  code: 0x35,
  value,
  ifTrue,
  ifFalse,
});
const skipIfAnyBit = (value: number, ifTrue: number, ifFalse: number): Instruction => ({
  code: 0x45,
  value,
  ifTrue,
  ifFalse,
});

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const refuse = (errno: number) => 0x00050000 + errno;
const EPERM = 1;
const ENOSYS = 38;

/** Offsets in `struct seccomp_data`; arguments are little-endian 64-bit words. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number) => 16 + index * 8;
const X32_BIT = 0x40000000;

export function filterProgram(architecture: Architecture, pid: number): Instruction[] {
  const number = (name: keyof typeof checkedCalls) => numberOf(checkedCalls[name], architecture) ?? -1;
  const plain = Object.values(allowedCalls).map((numbers) => numberOf(numbers, architecture));
  return [
    // A call by the table of another architecture has other numbers: nothing below would mean what it says.
    load(ARCHITECTURE),
    skipIfEqual(auditArchitectures[architecture], 1, 0),
    answer(KILL_PROCESS),
    load(NUMBER),
    skipIfAtLeast(X32_BIT, 0, 1),
    answer(KILL_PROCESS),
    ...plain.flatMap((call) => (call === undefined ? [] : [skipIfEqual(call, 0, 1), answer(ALLOW)])),
    // glibc then falls back to clone, whose flags a filter can read.
    skipIfEqual(number("clone3"), 0, 1),
    answer(refuse(ENOSYS)),
    ...check(number("clone"), [load(argument(0)), skipIfAnyBit(CLONE_THREAD, 0, 1), answer(ALLOW)]),
    ...check(number("prctl"), [
      load(argument(0)),
      skipIfEqual(PR_SET_NAME, 1, 0),
      skipIfEqual(PR_SET_VMA, 0, 1),
      answer(ALLOW),
    ]),
    // Reading limits only: threads ask for the size of their stack.
    ...check(number("prlimit64"), [
      load(argument(2)),
      skipIfEqual(0, 0, 3),
      load(argument(2) + 4),
      skipIfEqual(0, 0, 1),
      answer(ALLOW),
    ]),
    // The collector stops the threads of its own process by signals.
    ...check(number("tgkill"), [load(argument(0)), skipIfEqual(pid, 0, 1), answer(ALLOW)]),
    // F_GETFD, F_GETFL, F_SETFL.
    ...check(number("fcntl"), [
      load(argument(1)),
      skipIfEqual(1, 2, 0),
      skipIfEqual(3, 1, 0),
      skipIfEqual(4, 0, 1),
      answer(ALLOW),
    ]),
    answer(refuse(EPERM)),
  ];
}

/** The rules of one call, ended by a refusal; skipped as a whole for every other call. */
function check(call: number, rules: Instruction[]): Instruction[] {
  return [skipIfEqual(call, 0, rules.length + 1), ...rules, answer(refuse(EPERM))];
}

function assemble(program: Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(program.length * 8));
  for (const [index, { code, value, ifTrue = 0, ifFalse = 0 }] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, value >>> 0, true);
  }
  return new Uint8Array(view.buffer);
}
