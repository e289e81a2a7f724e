import { expect, test } from "bun:test";

import { createLog } from "../../src/lib/log.ts";

const now = () => new Date("2026-05-02T06:48:01.000Z");

test("a line for programs is one JSON object with the fields of its log and its own", () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), now, format: "json", level: "info" });

  log.with({ runnerId: "r1" }).info("run finished", { durationMs: 5 });

  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    timestamp: "2026-05-02T06:48:01.000Z",
    level: "info",
    message: "run finished",
    runnerId: "r1",
    durationMs: 5,
  });
});

test("a line below the level is not written", () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), now, format: "json", level: "warn" });

  log.info("quiet");
  log.warn("loud");

  expect(lines).toHaveLength(1);
});

test("a line for people shows time, level, message and facts", () => {
  const lines: string[] = [];
  const log = createLog({ write: (line) => lines.push(line), now, format: "human", level: "info" });

  log.error("lost", { runId: "x", nothing: undefined });

  expect(lines).toEqual(["06:48:01 error lost  runId=x\n"]);
});
