import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startSweeper } from "../../src/runs/sweep.ts";
import { type TestApi, testApi } from "../support/api.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningProgram, startProgram } from "../support/program.ts";
import { collectionOf } from "../support/target.ts";

// A lease has to run out, on a machine that may be busy.
setDefaultTimeout(120_000);

/** Short, so that a test does not take long; the parts of it that matter are the same. */
const leaseSeconds = 6;

let api: TestApi;
let server: ReturnType<typeof Bun.serve>;
let sweeper: { stop(): Promise<void> };
let folder: string;
let workspaceId: string;
beforeAll(async () => {
  api = await testApi({ leaseSeconds });
  server = Bun.serve({ port: 0, hostname: "127.0.0.1", idleTimeout: 0, fetch: api.app.fetch });
  sweeper = startSweeper(api.deps);
  folder = await mkdtemp(join(tmpdir(), "lost-runs-"));
  workspaceId = (await api.make.workspace()).id;
});
afterAll(async () => {
  await sweeper.stop();
  await server.stop(true);
  await rm(folder, { recursive: true, force: true });
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).toReversed()) await cleanUp();
});

/** An API whose first request is never answered; it notes who comes, and who goes before the answer. */
function startTarget() {
  const seen: string[] = [];
  const target = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      const visit = seen.filter((event) => event.startsWith("came")).length + 1;
      seen.push(`came ${visit}`);
      if (visit > 1) return Response.json({});
      await new Promise<void>((resolve) => {
        request.signal.addEventListener("abort", () => {
          seen.push(`left ${visit}`);
          resolve();
        });
      });
      return Response.json({});
    },
  });
  cleanups.push(() => target.stop(true));
  return { url: target.url.origin, seen };
}

/** A way to the control plane that can be cut, as by a network that fails: packets vanish, nobody is told. */
async function startWay(): Promise<{ url: string; cut(): void }> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const way = createServer((inner) => {
    const outer = connect(server.port ?? 0, "127.0.0.1");
    for (const socket of [inner, outer]) sockets.add(socket.on("error", () => socket.destroy()));
    inner.on("data", (data) => void (isCut || outer.write(data)));
    outer.on("data", (data) => void (isCut || inner.write(data)));
    outer.on("end", () => inner.end());
  });
  await new Promise<void>((resolve) => way.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    way.close();
  });
  const address = way.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, cut: () => void (isCut = true) };
}

async function startInstance(url: string, { id, key }: { id: string; key: string }): Promise<RunningProgram> {
  const program = startProgram(["runner", "start", "--server", url, "--id", id, "--data-dir", folder], {
    APP_KEY: key,
  });
  cleanups.push(() => {
    program.kill("SIGKILL");
    return program.exited;
  });
  await eventually(() => program.lines.some((line) => line.includes("self-test passed")), {
    timeoutMs: 20_000,
  });
  return program;
}

/** A monitor that lets lost runs be run again, with a run that the only instance is at work on. */
async function stage(url: string) {
  const target = startTarget();
  const runner = await api.make.runner();
  const created = await api.call("POST", `/collections?workspace=${workspaceId}`, {
    collection: collectionOf(target.url, ["/"]),
  });
  const monitor = {
    name: "m",
    collection: created.body.collection.id,
    distribution: [{ runner: runner.id }],
  };
  const { body } = await api.call("POST", "/monitors", { monitor: { ...monitor, rerunLost: true } });
  const monitorId: string = body.monitor.id;
  const first = await startInstance(url, runner);
  await api.call("POST", `/monitors/${monitorId}/run?async=true`);
  await eventually(() => target.seen.length === 1);
  const second = await startInstance(server.url.origin, runner);
  const result = async () => {
    const [row] = await api.database.sql`
      select r.status, r.outcome, r.attempt, array(select outcome from run_attempts a where a.run_id = r.id) as earlier
        from runs r where r.monitor_id = ${monitorId}`;
    return { ...row };
  };
  const isFinished = () =>
    eventually(async () => (await result())["status"] === "finished", { timeoutMs: 40_000 });
  return { target, first, second, result, isFinished, monitorId };
}

const passedAgain = { status: "finished", outcome: "passed", attempt: 2, earlier: ["lost"] };

test("an instance that is cut off stops its run before another one begins it", async () => {
  const way = await startWay();
  const { target, result, isFinished } = await stage(way.url);

  way.cut();
  await isFinished();

  expect(target.seen).toEqual(["came 1", "left 1", "came 2"]);
  expect(await result()).toEqual(passedAgain);
});

test("an instance that was frozen for longer than its lease changes nothing when it wakes, and goes on", async () => {
  const { target, first, second, result, isFinished, monitorId } = await stage(server.url.origin);

  first.kill("SIGSTOP");
  await isFinished();
  first.kill("SIGCONT");

  await eventually(() => first.lines.some((line) => /lease (is lost|could not be renewed)/.test(line)));
  expect(await result()).toEqual(passedAgain);
  second.kill("SIGTERM");
  await second.exited;
  await api.call("POST", `/monitors/${monitorId}/run?async=true`);
  await eventually(() => target.seen.includes("came 3"));
});
