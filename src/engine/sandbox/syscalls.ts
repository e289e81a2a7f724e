/** Numbers on x64 and arm64; undefined where an architecture has no such call. */
type Numbers = [x64: number | undefined, arm64: number | undefined];

/**
 * Everything that a script process may still ask of the kernel: memory, threads of its own, the two pipes that
 * are open, clocks, random bytes. Whatever is not listed is refused, so that new calls of new kernels are, too.
 */
export const allowedCalls: Record<string, Numbers> = {
  read: [0, 63],
  write: [1, 64],
  readv: [19, 65],
  writev: [20, 66],
  // Reads what came in on a socket that is open already: stdin may be one.
  recvfrom: [45, 207],
  close: [3, 57],
  fstat: [5, 80],
  lseek: [8, 62],
  poll: [7, undefined],
  ppoll: [271, 73],
  epoll_wait: [232, undefined],
  epoll_pwait: [281, 22],
  epoll_pwait2: [441, 441],
  epoll_ctl: [233, 21],
  epoll_create1: [291, 20],
  eventfd2: [290, 19],
  timerfd_create: [283, 85],
  timerfd_settime: [286, 86],
  mmap: [9, 222],
  mprotect: [10, 226],
  munmap: [11, 215],
  mremap: [25, 216],
  madvise: [28, 233],
  brk: [12, 214],
  mincore: [27, 232],
  membarrier: [324, 283],
  futex: [202, 98],
  futex_waitv: [449, 449],
  set_robust_list: [273, 99],
  set_tid_address: [218, 96],
  rseq: [334, 293],
  gettid: [186, 178],
  getpid: [39, 172],
  sched_yield: [24, 124],
  sched_getaffinity: [204, 123],
  sched_getparam: [143, 121],
  sched_getscheduler: [145, 120],
  getcpu: [309, 168],
  exit: [60, 93],
  exit_group: [231, 94],
  rt_sigaction: [13, 134],
  rt_sigprocmask: [14, 135],
  rt_sigreturn: [15, 139],
  rt_sigsuspend: [130, 133],
  rt_sigtimedwait: [128, 137],
  sigaltstack: [131, 132],
  restart_syscall: [219, 128],
  getrandom: [318, 278],
  clock_gettime: [228, 113],
  clock_getres: [229, 114],
  clock_nanosleep: [230, 115],
  nanosleep: [35, 101],
  gettimeofday: [96, 169],
  time: [201, undefined],
  getrusage: [98, 165],
  sysinfo: [99, 179],
  uname: [63, 160],
  getuid: [102, 174],
  geteuid: [107, 175],
  getgid: [104, 176],
  getegid: [108, 177],
};

/** Calls that are allowed with certain arguments only. */
export const checkedCalls = {
  clone: [56, 220],
  clone3: [435, 435],
  prctl: [157, 167],
  prlimit64: [302, 261],
  tgkill: [234, 131],
  fcntl: [72, 25],
} as const satisfies Record<string, Numbers>;

export const seccompCall: Numbers = [317, 277];

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
export const auditArchitectures = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;

export type Architecture = keyof typeof auditArchitectures;

export const numberOf = (numbers: Numbers, architecture: Architecture): number | undefined =>
  numbers[architecture === "x64" ? 0 : 1];
