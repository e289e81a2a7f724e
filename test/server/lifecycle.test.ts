import { describe, expect, test } from "bun:test";

import { createLog } from "../../src/lib/log.ts";
import { createLifecycle } from "../../src/server/lifecycle.ts";

/** A log that remembers its lines. */
function recordingLog() {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({
    write: (line) => void lines.push(JSON.parse(line)),
    now: () => new Date(0),
    format: "json",
    level: "debug",
  });
  return { log, lines };
}

describe("stopping", () => {
  test("goes in the opposite order of starting, one after the other", async () => {
    const { log } = recordingLog();
    const lifecycle = createLifecycle(log);
    const stopped: string[] = [];
    lifecycle.onStop("first", () => void stopped.push("first"));
    lifecycle.onStop("second", async () => {
      await Promise.resolve();
      stopped.push("second");
    });

    await lifecycle.stopAll();

    expect(stopped).toEqual(["second", "first"]);
  });

  test("goes on when one thing fails, and says so", async () => {
    const { log, lines } = recordingLog();
    const lifecycle = createLifecycle(log);
    let isStopped = false;
    lifecycle.onStop("first", () => void (isStopped = true));
    lifecycle.onStop("broken", () => Promise.reject(new Error("no")));

    await lifecycle.stopAll();

    expect(isStopped).toBeTrue();
    expect(lines).toContainEqual(
      expect.objectContaining({ level: "error", message: "stop failed", part: "broken", error: "no" }),
    );
  });

  test("goes on when one thing never ends", async () => {
    const { log, lines } = recordingLog();
    const lifecycle = createLifecycle(log);
    let isStopped = false;
    lifecycle.onStop("first", () => void (isStopped = true));
    lifecycle.onStop("endless", () => new Promise(() => {}), 1);

    await lifecycle.stopAll();

    expect(isStopped).toBeTrue();
    expect(lines).toContainEqual(
      expect.objectContaining({ message: "stop took too long", part: "endless", limitMs: 1 }),
    );
  });

  test("stops each thing once", async () => {
    const lifecycle = createLifecycle(recordingLog().log);
    let times = 0;
    lifecycle.onStop("once", () => void times++);

    await lifecycle.stopAll();
    await lifecycle.stopAll();

    expect(times).toBe(1);
  });
});
