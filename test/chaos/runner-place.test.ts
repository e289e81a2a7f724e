import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Sql } from "postgres";

import { expectSlotsEndedOnce, expectStepsArrivedOnce } from "../support/chaos-ledger.ts";
import { LEASE_SECONDS, measured, startChaos } from "../support/chaos.ts";
import { eventually } from "../support/eventually.ts";
import { stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(180_000);
afterAll(stopEverything);

/** Enough steps to fill what is left of the disk several times over. */
const MANY_PATHS = Array.from({ length: 40 }, (_, index) => `/step-${index}`);

const mountsHere = ["unshare", "--user", "--map-root-user", "--mount"];
const canMount = (() => {
  try {
    return Bun.spawnSync([...mountsHere, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).exitCode === 0;
  } catch {
    return false;
  }
})();

/** Starts a program with `$0` as a file system of its own, on which 4 KB are free. */
const fullDisk = [
  "set -e",
  'mkdir -p "$0"',
  'mount -t tmpfs -o size=128k tmpfs "$0"',
  'head -c 1M /dev/zero > "$0/filler" 2>/dev/null || true',
  'truncate -s -4096 "$0/filler"',
  'exec "$@"',
].join("\n");

describe.skipIf(!canMount)("a runner whose disk is full", () => {
  test("loses nothing: it keeps in memory what does not fit, and uses the disk again when it can", async () => {
    await using chaos = await startChaos({ paths: MANY_PATHS });
    const dataDir = join(temporaryFolder(), "runner");
    const runner = chaos.startRunner({ dataDir, wrapper: [...mountsHere, "bash", "-c", fullDisk, dataDir] });

    const full = await chaos.ended(await chaos.fire());
    const warnings = () => runner.output().split("spool cannot be written").length - 1;
    const whileFull = warnings();
    rmSync(join(`/proc/${runner.pid}/root`, dataDir, "filler"));
    const freedMs = performance.now();
    const next = await chaos.ended(await chaos.fire());
    measured("disk of the runner full, then free, until the next slot is done", freedMs);

    expect(full).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
    expect(whileFull).toBe(1);
    expect(next).toMatchObject({ status: "ran", outcome: "passed" });
    expect(warnings()).toBe(whileFull);
    expect(chaos.target.arrived).toEqual([...MANY_PATHS, ...MANY_PATHS]);
    await expectSlotsEndedOnce(chaos.sql, { ran: 2 });
    await expectStepsArrivedOnce(chaos.sql);
  });
});

const MINUTE_MS = 60_000;

/** Run by the program before its own code: from then on its wall clock is off. */
const wrongClock = (offsetMs: number): string => `
  const right = Date;
  const now = () => right.now() + ${offsetMs};
  globalThis.Date = new Proxy(right, {
    construct: (target, args) => (args.length > 0 ? new target(...args) : new target(now())),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });`;

/** Waits until the lease of the run lasts for so long after its claim. */
const renewedFor = (sql: Sql, seconds: number) =>
  eventually(
    async () => {
      const [renewed] = await sql`
        select 1 from runs where lease_expires_at > claimed_at + make_interval(secs => ${seconds})`;
      return renewed !== undefined;
    },
    { everyMs: 50 },
  );

describe("a runner whose clock is off", () => {
  test.each([-10, 10])(
    "by %d minutes does its slots in time and keeps its lease, and the difference is shown",
    async (minutes) => {
      await using chaos = await startChaos();
      const preload = join(temporaryFolder(), "clock.js");
      writeFileSync(preload, wrongClock(minutes * MINUTE_MS));
      chaos.startRunner({ env: { BUN_OPTIONS: `--preload=${preload}` } });
      const slot = await chaos.fire();

      await renewedFor(chaos.sql, LEASE_SECONDS * 1.5);
      chaos.target.release();
      const ended = await chaos.ended(slot);

      const [stored] = await chaos.sql<{ skewMs: number; delayMs: number; ranMs: number }[]>`
      select i.clock_skew_ms as "skewMs", s.delay_ms::int as "delayMs",
             (extract(epoch from r.finished_at - r.claimed_at) * 1000)::float8 as "ranMs"
        from runner_instances i, slots s, runs r`;
      expect(ended).toMatchObject({ status: "ran", outcome: "passed", attempt: 1 });
      expect(Math.abs((stored?.skewMs ?? 0) - minutes * MINUTE_MS)).toBeLessThan(MINUTE_MS / 2);
      expect(stored?.delayMs).toBeWithin(0, MINUTE_MS / 2);
      expect(stored?.ranMs).toBeWithin(0, MINUTE_MS / 2);
      await expectSlotsEndedOnce(chaos.sql, { ran: 1 });
      await expectStepsArrivedOnce(chaos.sql);
    },
  );
});
