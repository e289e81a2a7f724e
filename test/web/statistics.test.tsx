import { expect, test } from "bun:test";

import { MonitorRegion } from "../../web/pages/monitor.tsx";
import { defaultView } from "../../web/parts/monitor-view.ts";
import { RunStrip, type StripEntry } from "../../web/parts/run-strip.tsx";
import { render } from "../support/render.ts";
import { ago, monitor } from "./samples.ts";

const hostile = `"><script>alert(1)</script>`;
const run = (change: Partial<Extract<StripEntry, { kind: "run" }>> = {}): StripEntry => ({
  kind: "run",
  href: "/runs/r1",
  status: "passed",
  at: ago(5),
  durationMs: 100,
  runnerName: "berlin-1",
  isLate: false,
  ...change,
});

test("names of requests, runners and changes are text wherever they stand", () => {
  const sample = monitor();
  const html = render(
    <MonitorRegion
      {...sample}
      strip={[run({ runnerName: hostile }), { kind: "mark", at: ago(1), title: hostile }]}
      requests={sample.requests.map((row) => ({ ...row, name: hostile, folder: hostile }))}
      runnerRows={sample.runnerRows.map((row) => ({ ...row, name: hostile }))}
      chart={{
        ...sample.chart,
        lines: [{ label: hostile, values: sample.chart.at.map(() => 1) }],
        marks: [{ at: ago(1), title: hostile }],
      }}
    />,
  );

  expect(html).not.toContain("<script>");
  expect(html.match(/&lt;script&gt;/g)?.length).toBeGreaterThan(8);
});

test("the region asks again for the view that it shows", () => {
  const view = { ...defaultView, measure: "sum" as const, result: "failed" as const };

  const html = render(<MonitorRegion {...monitor({ view })} />);

  expect(html).toContain(`hx-get="/monitors/m1?measure=sum&amp;result=failed"`);
});

test("a bar says in words what it shows; gaps and changes stand in their places", () => {
  const html = render(
    <RunStrip
      places={3}
      entries={[
        run({ status: "failed", isLate: true }),
        { kind: "gap", status: "missed", at: ago(4), reason: "no_runner", collapsed: 2, href: "/ledger" },
        { kind: "mark", at: ago(3), title: "Ada changed the schedule", href: "/activity" },
        run({ status: "running", durationMs: null }),
      ]}
    />,
  );

  const names = [...html.matchAll(/<a [^>]*aria-label="([^"]+)"/g)].map(([, name]) => name);
  expect(names).toEqual([
    "failed · 2026-11-21 11:55:00 UTC · 100 ms · berlin-1 · started late",
    "missed (no_runner) · 2026-11-21 11:56:00 UTC · and 2 slots before it",
    "Ada changed the schedule · 2026-11-21 11:57:00 UTC",
    "running · 2026-11-21 11:55:00 UTC · berlin-1",
  ]);
  expect(html).toContain("hollow");
  expect(html.match(/class="foot fail"/g)).toHaveLength(2);
  expect(html).toContain(`aria-label="2 runs, 1 failed, 1 missed, 1 running"`);
});

test("the drawing of the server stacks phases and shades failures", () => {
  const at = [ago(10), ago(5)];
  const html = render(
    <MonitorRegion
      {...monitor({
        view: { ...defaultView, measure: "phases" },
        chart: {
          span: { from: ago(10), to: ago(0) },
          isExact: false,
          at,
          lines: ["DNS", "TCP", "TLS", "first byte", "download"].map((label) => ({
            label,
            values: [10, 20],
          })),
          isStacked: true,
          failed: [{ from: ago(5), to: ago(0) }],
          marks: [],
        },
      })}
    />,
  );

  // 5 × 20 ms is the top of the scale, so the upper edge ends there.
  expect(html).toContain(`<path class="area download" d="M0 100L500 0V200H0Z"`);
  expect(html).toContain(`<rect class="failing" x="500"`);
  expect(html).toContain("a percentile may be off by up to 19 %");
});
