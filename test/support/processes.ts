import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
const binary = join(root, "dist", process.platform === "win32" ? "app.exe" : "app");

/**
 * How the program is started in tests of whole processes: the compiled file, which `npm test` builds;
 * `APP_UNDER_TEST=source` takes the sources, for a quick turn while writing.
 */
export function appCommand(): string[] {
  if (process.env["APP_UNDER_TEST"] === "source") {
    // Bun looks for the settings of JSX from the working directory on.
    return [
      process.execPath,
      `--tsconfig-override=${join(root, "tsconfig.json")}`,
      join(root, "src/main.ts"),
    ];
  }
  if (existsSync(binary)) return [binary];
  throw new Error("dist/app is missing: `npm test` builds it, or build it with `npm run build`");
}

/** The compiled file where every user can start it; the checkout may lie in a folder of one user. */
function publicCommand(): string[] {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const copy = join(folder, "app");
  copyFileSync(binary, copy);
  chmodSync(copy, 0o755);
  return [copy];
}

export interface StartOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Another user, when the tests run as root. */
  uid?: number;
  /** A command that starts the program, given to it as further arguments, under some limit. */
  wrapper?: string[];
}

/** A running program whose output can be waited for. */
export interface AppProcess {
  readonly pid: number;
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Everything written so far, both streams. */
  output(): string;
  /** The first match in the output, so far or from now on; fails with the output when the process ends or is too slow. */
  find(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<number | string>;
}

const started = new Set<AppProcess>();
const folders = new Set<string>();
const DEFAULT_LIMIT_MS = 45_000;

/** Starts the program with an environment that holds only what is given and a PATH. */
export function startApp(
  args: string[],
  { env = {}, cwd = tmpdir(), uid, wrapper = [] }: StartOptions = {},
): AppProcess {
  const command = uid === undefined ? appCommand() : publicCommand();
  const child = Bun.spawn([...wrapper, ...command, ...args], {
    cwd,
    ...(uid !== undefined && { uid, gid: uid }),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: process.env["HOME"] ?? "",
      ...env,
      APP_PARENT_PID: String(process.pid),
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  let output = "";
  let isOver = false;
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((look) => look());
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      output += decoder.decode(chunk, { stream: true });
      wake();
    }
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  const ended = child.exited.then(async (code) => {
    // A grandchild may hold the pipe open for a moment longer.
    await Promise.race([reading, Bun.sleep(1_000)]);
    isOver = true;
    wake();
    return child.signalCode ?? code;
  });

  const app: AppProcess = {
    pid: child.pid,
    ended,
    output: () => output,
    find: (pattern, limitMs = DEFAULT_LIMIT_MS) =>
      new Promise((resolve, reject) => {
        const finish = (act: () => void) => {
          clearTimeout(timer);
          waiting.delete(look);
          act();
        };
        const fail = (why: string) =>
          finish(() => reject(new Error(`${args.join(" ")}: ${pattern} ${why}; it said:\n${output}`)));
        const look = () => {
          const match = pattern.exec(output);
          if (match) finish(() => resolve(match));
          else if (isOver) fail("did not come before the end");
        };
        const timer = setTimeout(() => fail(`did not come within ${limitMs} ms`), limitMs);
        waiting.add(look);
        look();
      }),
    kill: (signal) => child.kill(signal),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
  started.add(app);
  void ended.then(() => started.delete(app));
  return app;
}

/** Runs a command to its end. */
export async function runApp(
  args: string[],
  options?: StartOptions,
): Promise<{ code: number | string; output: string }> {
  const app = startApp(args, options);
  const code = await app.ended;
  return { code, output: app.output() };
}

/** A folder that `stopEverything` removes. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-e2e-"));
  folders.add(folder);
  return folder;
}

/** For `afterAll`: ends what a test left running and removes its folders. */
export async function stopEverything(): Promise<void> {
  await Promise.all(
    [...started].map(async (app) => {
      app.kill("SIGTERM");
      const isLate = await Promise.race([app.ended.then(() => false), Bun.sleep(10_000).then(() => true)]);
      if (isLate) app.kill("SIGKILL");
      await app.ended;
    }),
  );
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** Processes that descend from `pid` now; Linux only. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const children = (of: number): number[] =>
    [...parents].filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...children(child)]);
  return children(pid);
}

function parentOf(pid: number): number | undefined {
  try {
    // The name in parentheses may hold anything, so the fields are counted from its end.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return Number(fields[1]);
  } catch {
    return undefined;
  }
}

/** Whether a process is there and not merely waiting to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
