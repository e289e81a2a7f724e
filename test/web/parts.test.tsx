import { expect, test } from "bun:test";

import { CodeBlock } from "../../web/parts/code-block.tsx";
import { EmptyState } from "../../web/parts/empty-state.tsx";
import { TextField } from "../../web/parts/form.tsx";
import { RunBars } from "../../web/parts/run-bars.tsx";
import { linePath, Sparkline } from "../../web/parts/sparkline.tsx";
import { StatusMark, type Status } from "../../web/parts/status-mark.tsx";
import { Time } from "../../web/parts/time.tsx";
import { Waterfall } from "../../web/parts/waterfall.tsx";
import { render } from "../support/render.ts";
import { ago, now, sampleBars } from "./samples.ts";

const hostile = `<img src=x onerror="alert(1)">`;

test.each<[Status, string, string, string]>([
  ["passing", "✓", "passing", "pass"],
  ["failing", "✕", "failing", "fail"],
  ["error", "!", "error", "warn"],
  ["paused", "‖", "paused", "mute"],
  ["none", "·", "no data", "mute"],
  ["running", "◌", "running", "live"],
  ["healthy", "✓", "healthy", "pass"],
  ["unhealthy", "✕", "unhealthy", "fail"],
  ["unknown", "?", "unknown", "mute"],
])("the state %p is a glyph, a word and a colour", (status, glyph, word, tone) => {
  const html = render(<StatusMark status={status} />);

  expect(html).toContain(`aria-hidden="true">${glyph}</span>`);
  expect(html).toContain(`<span class="word">${word}</span>`);
  expect(html).toContain(`mark ${tone}`);
});

test("a bar is a link to its run, and says outcome, time and duration", () => {
  const html = render(<RunBars bars={sampleBars(2, { 1: "failed" })} />);

  expect(html).toContain(`<a href="/runs/r1" tabindex="-1">`);
  expect(html).toContain("failed · 2026-11-21 11:55:00 UTC · 377 ms");
  expect(html).toContain(`<span class="visually-hidden">last 2 runs: 1 passed, 1 failed</span>`);
});

test("an address in a bar is text", () => {
  const bar = { href: `/runs/"><script>`, status: "passed" as const, at: now };

  expect(render(<RunBars bars={[bar]} />)).toContain("&quot;&gt;&lt;script&gt;");
});

test("a failed bar differs by more than its colour", () => {
  const failed = render(<RunBars bars={sampleBars(1, { 0: "failed" })} />);
  const passed = render(<RunBars bars={sampleBars(1)} />);

  expect(failed).toContain(`class="foot fail"`);
  expect(passed).not.toContain("foot");
});

test("a strip shows the newest runs that fit", () => {
  const html = render(<RunBars bars={sampleBars(40)} places={30} />);

  expect(html).not.toContain(`"/runs/r9"`);
  expect(html).toContain(`"/runs/r10"`);
  expect(html).toContain(`"/runs/r39"`);
});

test("a line is broken where there is no value", () => {
  expect(linePath([1, 2, null, 2], 30, 11)).toBe("M0 5.5L10 1M30 1");
  expect(render(<Sparkline values={[1, 2]} label={hostile} />)).not.toContain("<img");
});

test("a step outside of the drawing is pulled in", () => {
  const html = render(<Waterfall startedMs={500} durationMs={900} window={{ fromMs: 0, toMs: 100 }} />);

  expect(html).toContain(`class="rest" x="996"`);
  expect(html).toContain(`width="4"`);
});

test("a time says both what it is and how long ago", () => {
  const html = render(<Time at={ago(3)} now={now} />);

  expect(html).toContain(`datetime="2026-11-21T11:57:00.000Z"`);
  expect(html).toContain(`title="2026-11-21 11:57:00 UTC"`);
  expect(html).toContain(">3 min ago<");
  expect(render(<Time at={null} now={now} />)).toContain("never");
});

test("a wrong field keeps its value and points at its message", () => {
  const html = render(<TextField name="name" label="Name" value={hostile} errors={{ name: "Too long." }} />);

  expect(html).toContain(`aria-invalid="true"`);
  expect(html).toContain(`aria-describedby="message-name"`);
  expect(html).toContain(`value="&lt;img src=x onerror=&quot;alert(1)&quot;&gt;"`);
});

test("an empty place says what to do", () => {
  const html = render(
    <EmptyState title="No runners yet" action={{ href: "/runners/new", label: "New runner" }}>
      Create one.
    </EmptyState>,
  );

  expect(html).toContain("No runners yet");
  expect(html).toContain(`href="/runners/new"`);
});

test("lines of a script are numbered beside it, whichever way they end", () => {
  const html = render(
    <CodeBlock text={"a\r\nb\n\nc"} language="javascript" label="Test script" isNumbered />,
  );

  expect(html).toContain('<span class="line-numbers" aria-hidden="true">1\n2\n3\n4</span><code>a\r\nb');
});
