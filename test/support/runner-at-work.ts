import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { systemClock } from "../../src/lib/clock.ts";
import { createLog } from "../../src/lib/log.ts";
import { createControlPlane } from "../../src/runner/client.ts";
import type { RunEngine } from "../../src/runner/execute.ts";
import { startRunner, type RunningRunner } from "../../src/runner/runner.ts";
import { RUNNER_ID, RUNNER_KEY, startFakeControlPlane, type FakeControlPlane } from "./fake-control-plane.ts";
import { quickRun, scriptedEngine } from "./scripted-engine.ts";

export interface RunnerAtWork {
  fake: FakeControlPlane;
  runner: RunningRunner;
  /** What it has logged. */
  lines: string[];
  dataDir: string;
  stop(): Promise<void>;
}

export interface RunnerAtWorkOptions {
  engine?: RunEngine;
  concurrency?: number;
  heartbeatSeconds?: number;
  dataDir?: string;
  runnerKey?: string;
  fake?: FakeControlPlane;
}

export const newDataDir = (): Promise<string> => mkdtemp(join(tmpdir(), "runner-test-"));

/** A runner in this process, on a control plane of its own. */
export async function startRunnerAtWork(options: RunnerAtWorkOptions): Promise<RunnerAtWork> {
  const fake = options.fake ?? startFakeControlPlane({ heartbeatSeconds: options.heartbeatSeconds ?? 10 });
  const dataDir = options.dataDir ?? (await newDataDir());
  const lines: string[] = [];
  const controlPlane = createControlPlane({
    server: fake.url,
    runnerId: RUNNER_ID,
    runnerKey: options.runnerKey ?? RUNNER_KEY,
  });
  const runner = startRunner(
    {
      runnerId: RUNNER_ID,
      dataDir,
      concurrency: options.concurrency ?? 2,
      hostname: "host",
      osType: "linux",
      deliverMs: 1_000,
    },
    {
      controlPlane,
      engine: options.engine ?? scriptedEngine(() => quickRun()),
      clock: systemClock,
      log: createLog({
        write: (line) => void lines.push(line),
        now: () => systemClock.now(),
        format: "json",
        level: "debug",
      }),
    },
  );
  const stop = async () => {
    runner.cancel();
    await runner.finished.catch(() => undefined);
    await controlPlane.close();
    await fake.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  return { fake, runner, lines, dataDir, stop };
}

export const spoolFiles = async (dataDir: string): Promise<string[]> =>
  (await readdir(dataDir, { recursive: true })).filter((name) => name.endsWith(".jsonl"));
