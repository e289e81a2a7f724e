import type {
  ExecuteOptions,
  ScriptCallbacks,
  ScriptHost,
  ScriptHostOptions,
  ScriptRequest,
  ScriptSession,
} from "./protocol.ts";
import { needsOwnRealm } from "./script-code.ts";
import { type ScriptProcess, startScriptProcess } from "./script-process.ts";
import { executeScript } from "./session.ts";

/** A process that has served this many runs is replaced, whatever state it is in. */
const MAX_RUNS = 5000;
/** A process above this part of the memory limit is not kept for the next run. */
const MAX_KEPT_MEMORY = 0.6;

interface Worker {
  process: ScriptProcess;
  runs: number;
}

/**
 * Keeps script processes: one per run at a time, idle ones warm for the next. Each run gets fresh realms; a
 * process that was stopped, has grown or has served long enough is replaced.
 */
export function createScriptHost(options: ScriptHostOptions): ScriptHost {
  const idle: Worker[] = [];
  const all = new Set<ScriptProcess>();
  /** Those whose end is no accident: nobody needs them any more. */
  const retired = new WeakSet<ScriptProcess>();
  let restarts = 0;
  let endedCpuSeconds = 0;
  let isClosed = false;

  const start = async (): Promise<Worker> => {
    if (isClosed) throw new Error("the script host is closed");
    const { command, memoryLimitMb, log, allowWithoutSeccomp = false } = options;
    const child = await startScriptProcess({
      command,
      memoryLimitMb,
      allowWithoutSeccomp,
      ...(log ? { log } : {}),
    });
    all.add(child);
    void child.ended.finally(() => {
      all.delete(child);
      endedCpuSeconds += child.cpuSeconds() ?? 0;
      if (!retired.has(child)) restarts++;
    });
    if (isClosed) child.kill("closed");
    return { process: child, runs: 0 };
  };

  const take = async (): Promise<Worker> => {
    let worker = idle.pop();
    while (worker && !worker.process.isAlive) worker = idle.pop();
    worker ??= await start();
    worker.runs++;
    return worker;
  };

  const giveBack = (worker: Worker) => {
    const limit = options.memoryLimitMb * 1024 * 1024 * MAX_KEPT_MEMORY;
    const isFit = worker.runs < MAX_RUNS && (worker.process.residentBytes() ?? 0) < limit;
    if (isClosed || !isFit || idle.length >= options.maxIdle) {
      retired.add(worker.process);
      worker.process.kill("closed");
    } else if (worker.process.isAlive) {
      worker.process.send({ type: "rest" });
      idle.push(worker);
    }
  };

  return {
    async open(codes = []) {
      const isApart = needsOwnRealm(codes);
      const begin = async (): Promise<Worker> => {
        const worker = await take();
        if (isApart) worker.process.send({ type: "own_realm" });
        return worker;
      };
      return createSession(await begin(), begin, giveBack);
    },
    processes: () => ({
      live: all.size,
      restarts,
      residentBytes: [...all].reduce((sum, child) => sum + (child.residentBytes() ?? 0), 0),
      cpuSeconds: [...all].reduce((sum, child) => sum + (child.cpuSeconds() ?? 0), endedCpuSeconds),
    }),
    async close() {
      isClosed = true;
      const children = [...all];
      for (const child of children) {
        retired.add(child);
        child.kill("closed");
      }
      await Promise.all(children.map((child) => child.ended));
    },
  };
}

function createSession(
  first: Worker,
  take: () => Promise<Worker>,
  giveBack: (worker: Worker) => void,
): ScriptSession {
  let worker: Worker | undefined = first;
  let isClosed = false;
  return {
    async execute(request: ScriptRequest, callbacks: ScriptCallbacks, options: ExecuteOptions) {
      if (isClosed) throw new Error("the script session is closed");
      if (!worker?.process.isAlive) worker = await take();
      return executeScript(worker.process, request, callbacks, options);
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      if (worker) giveBack(worker);
      worker = undefined;
    },
  };
}
