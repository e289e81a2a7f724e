import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { RunEvent } from "../../src/contract/events.ts";
import { eventually } from "./eventually.ts";
import { RUNNER_ID, RUNNER_KEY, startFakeControlPlane, type FakeControlPlane } from "./fake-control-plane.ts";
import { startProgram, type RunningProgram } from "./program.ts";

export interface RunnerProgram extends AsyncDisposable {
  fake: FakeControlPlane;
  program: RunningProgram;
  /** Executes items and gives what arrived at the control plane. */
  run(item: unknown[], environment?: Record<string, string>): Promise<RunResult>;
}

type Step = Extract<RunEvent, { type: "step_finished" }>["step"];

export interface RunResult {
  steps: Step[];
  summary: Extract<RunEvent, { type: "run_finished" }>["summary"];
  /** Everything that was stored, as JSON. */
  stored: string;
}

export interface RunnerProgramOptions {
  args?: string[];
  env?: Record<string, string>;
  /** Files that `args` may name: `@name` becomes the path of it. */
  files?: Record<string, string | Uint8Array>;
  /** Where the runner finds the control plane, which then listens on every address of this machine. */
  serverHost?: string;
  /** A shell script that starts `"$@"` in some place. */
  wrapper?: string;
}

/** `app runner start` in a process of its own, on a control plane of its own. */
export async function startRunnerProgram(options: RunnerProgramOptions = {}): Promise<RunnerProgram> {
  const fake = startFakeControlPlane({
    heartbeatSeconds: 1,
    ...(options.serverHost && { listen: "0.0.0.0" }),
  });
  const folder = await mkdtemp(join(tmpdir(), "runner-program-"));
  for (const [name, content] of Object.entries(options.files ?? {}))
    await writeFile(join(folder, name), content);
  const args = (options.args ?? []).map((arg) => (arg.startsWith("@") ? join(folder, arg.slice(1)) : arg));
  const server = options.serverHost ? fake.url.replace("127.0.0.1", options.serverHost) : fake.url;
  const program = startProgram(
    ["runner", "start", "--server", server, "--data-dir", join(folder, "data"), ...args],
    { POSTMAN_RUNNER_ID: RUNNER_ID, POSTMAN_RUNNER_KEY: RUNNER_KEY, ...options.env },
    options.wrapper,
  );
  return {
    fake,
    program,
    run: async (item, environment) => {
      const values = Object.entries(environment ?? {}).map(([key, value]) => ({ key, value }));
      const { runId } = fake.queue({
        collection: { info: { name: "Collection" }, item },
        ...(environment && { environment: { values } }),
      });
      await eventually(() => fake.isFinished(runId)).catch((error: unknown) => {
        throw new Error(`the run is not finished; the runner says:\n${program.lines.join("\n")}`, {
          cause: error,
        });
      });
      return toResult(fake.stored.get(runId) ?? []);
    },
    [Symbol.asyncDispose]: async () => {
      // A wrapper may have started others.
      program.killGroup("SIGKILL");
      await program.exited;
      await fake.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function toResult(events: RunEvent[]): RunResult {
  const steps = events.flatMap((event) => (event.type === "step_finished" ? [event.step] : []));
  const last = events.at(-1);
  if (last?.type !== "run_finished") throw new Error("the run did not end with run_finished");
  return { steps, summary: last.summary, stored: JSON.stringify(events) };
}

export const request = (url: string, more: object = {}): object => ({
  name: url,
  request: { method: "GET", url },
  ...more,
});

/** A script that runs before its request. */
export const before = (...lines: string[]): object => ({
  event: [{ listen: "prerequest", script: { exec: lines } }],
});
