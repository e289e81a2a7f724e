import { expect, test } from "bun:test";

import { RunConsoleRegion, type RunConsoleProps } from "../../web/pages/run-console.tsx";
import { RunRegion, type RunProps } from "../../web/pages/run.tsx";
import { verdictSentence } from "../../web/parts/run-verdict.tsx";
import { StepDetail } from "../../web/parts/step-detail.tsx";
import { render } from "../support/render.ts";
import { ago, listed, now, run, shell, step, stepSetting } from "./samples.ts";

const detail = (change: Parameters<typeof step>[0], setting = stepSetting) =>
  render(<StepDetail step={step(change)} setting={setting} />);

const response = (change: object = {}) => ({
  code: 200,
  status: "OK",
  headers: [],
  wireBytes: 1,
  httpVersion: "1.1",
  body: { bytes: 0 },
  ...change,
});

test("a run that goes on refreshes what is shown, a finished one does not", () => {
  const href = "/runs/r1?show=failed&q=order";
  const running = render(<RunRegion {...run({ status: "running", durationMs: null }, { href })} />);
  const finished = render(<RunRegion {...run()} />);

  expect(running).toContain(`hx-trigger="every 2s"`);
  expect(running).toContain(`hx-get="/runs/r1?show=failed&amp;q=order"`);
  expect(finished).not.toContain("hx-");
});

test("a failed step is open, a passed one closed, and a link opens either by what is inside", () => {
  const html = render(<RunRegion {...run()} />);

  expect(html).toMatch(/<details id="row-1" class="step passed"><summary>.*?<\/summary><div id="step-1"/s);
  expect(html).toMatch(/<details id="row-2" class="step failed" open="">/);
});

test("a step whose contents are not in the page is fetched when it is opened, and a link without scripts", () => {
  const [first] = run().steps;
  const html = render(
    <RunRegion {...run({}, { steps: first ? [{ head: first.head, step: undefined }] : [] })} />,
  );

  expect(html).toContain(`hx-get="/runs/r1/steps/1" hx-trigger="toggle once" hx-target="#step-1"`);
  expect(html).toContain(`<a href="/runs/r1/steps/1">`);
});

test.each([
  [{ status: "failed" }, "1 of 3 assertions failed in Create order"],
  [
    { status: "failed", reason: "target_unreachable", detail: "connect ECONNREFUSED" },
    "connect ECONNREFUSED",
  ],
  [{ status: "passed", assertionsTotal: 14 }, "All 14 assertions passed"],
  [{ status: "passed", assertionsTotal: 0, requestsTotal: 2 }, "2 requests answered; nothing was asserted"],
  [{ status: "running", stepsPlanned: 5 }, "Running: 2 of 5 steps done"],
  [{ status: "running", stepsPlanned: null }, "Running: 2 steps done"],
  [{ status: "queued" }, "Waiting for a runner"],
  [{ status: "aborted", reason: "unheard_of" }, "The run was aborted"],
] as const)("the verdict of %j is %p", (change, sentence) => {
  const props = run(change);

  expect(verdictSentence(props.run, props.tally)).toBe(sentence);
});

test("a run that did not pass says whose fault it was, what to do, and leads to the failure", () => {
  const html = render(
    <RunRegion
      {...run(
        {},
        {
          cause: { side: "target", sentence: "Nothing listens.", whatToDo: "Start it." },
          failure: {
            position: 2,
            stepName: "Create order",
            href: "#step-2",
            assertion: "status is 201",
            error: { name: "AssertionError", message: "expected 500 to equal 201" },
          },
        },
      )}
    />,
  );

  expect(html).toMatch(/Whose fault:.*The API under test.*Nothing listens\..*Start it\./s);
  expect(html).toContain(`<a href="#step-2" class="jump">Go to the failure: step 2, Create order</a>`);
  expect(html).toMatch(/<dt>Expected<\/dt><dd>201<\/dd>.*<dt>Got<\/dt><dd>500<\/dd>/s);
});

test("numbers of steps by result are links that keep the search", () => {
  const filter = { show: "failed" as const, search: "order & co" };
  const counts = { all: 1900, failed: 7, skipped: 3, passed: 1890 };

  const html = render(<RunRegion {...run({}, { filter, counts, page: 2, pages: 3 })} />);

  expect(html).toContain(`href="/runs/r1?show=passed&amp;q=order+%26+co#steps">Passed <b>1890</b></a>`);
  expect(html).toContain(`aria-current="page">Failed <b>7</b></a>`);
  expect(html).toContain(`href="/runs/r1?show=failed&amp;q=order+%26+co#steps">← Previous</a>`);
  expect(html).toContain(`href="/runs/r1?show=failed&amp;q=order+%26+co&amp;steps=3#steps">Next →</a>`);
});

test("iterations are groups; those in which something failed are open", () => {
  const html = render(
    <RunRegion
      {...run(
        {},
        {
          steps: listed(
            step({ position: 1, iteration: 0, assertions: [] }),
            step({ position: 2, iteration: 1 }),
            step({ position: 3, iteration: 2, assertions: [] }),
          ),
        },
      )}
    />,
  );

  expect(html).toMatch(/<details class="iteration" id="iteration-1"><summary>/);
  expect(html).toMatch(/<details class="iteration" id="iteration-2" open="">.*1 failed step/s);
  expect(html).toMatch(/<details class="iteration" id="iteration-3"><summary>/);
});

test("a run whose steps are deleted says so and for how long they are kept", () => {
  const counts = { all: 0, failed: 0, skipped: 0, passed: 0 };

  const html = render(
    <RunRegion {...run({}, { steps: [], counts, kept: { days: 7, stepsDeleted: true } })} />,
  );

  expect(html).toContain("are deleted: this monitor keeps them for 7 days");
});

test("the runs around it are a step away, and the last that passed says when that was", () => {
  const around = {
    previous: { id: "r0", at: ago(7) },
    next: null,
    lastPassed: { id: "r-9", at: ago(14) },
  };

  const html = render(<RunRegion {...run({}, { around })} />);

  expect(html).toContain(`<a href="/runs/r0" rel="prev">`);
  expect(html).toMatch(/Last passed .*14 min ago.*href="\/runs\/r-9"/s);
  expect(render(<RunRegion {...run({ status: "passed" }, { around })} />)).not.toContain("Last passed");
});

test("only those who may change something see what starts and stops runs", () => {
  const siblings: RunProps["siblings"] = [{ id: "r2", runnerName: "oslo-1", status: "passed" }];

  const editor = render(<RunRegion {...run({}, { siblings })} />);
  const viewer = render(<RunRegion {...run({}, { siblings, isReadOnly: true })} />);

  expect(editor).toContain("Run again");
  expect(editor).toContain("Only on berlin-1");
  expect(viewer).not.toContain("<form method");
});

test("a long body is shown from its beginning, with a link to the rest", () => {
  const text = "x".repeat(30_000);

  const html = detail({ response: response({ body: { bytes: 30_000, text } }) });

  expect(html).not.toContain("x".repeat(10_001));
  expect(html).toContain("The beginning of 30 kB");
  expect(html).toContain(`<a href="/runs/r1/steps/1">all that was kept</a>`);
});

test("JSON is indented and its parts are told apart, and stays text", () => {
  const text = `{"a<b>":"\\"<script>","n":-1.5e3,"ok":true}`;

  const html = detail({ response: response({ body: { bytes: 1, text } }) });

  expect(html).toContain(`<span class="j-name">&quot;a&lt;b&gt;&quot;</span>: `);
  expect(html).toContain(`<span class="j-text">&quot;\\&quot;&lt;script&gt;&quot;</span>`);
  expect(html).toContain(`<span class="j-word">-1500</span>`);
  expect(html).toContain(`<span class="j-word">true</span>`);
  expect(html).not.toContain("<script>");
});

test.each([
  ["failed", "this monitor keeps those of steps that failed"],
  ["none", "this monitor keeps none"],
  ["all", "did not keep them when this ran"],
] as const)("what is not kept is said with the reason: %s", (responses, words) => {
  const html = detail(
    { response: response({ omitted: true, body: { bytes: 512 } }) },
    { ...stepSetting, keeps: { requests: "failed", responses } },
  );

  expect(html).toContain("Headers and body (512 B) were not kept");
  expect(html).toContain(words);
});

test.each([
  [3, "3 days left", "soon"],
  [90, "90 days left", "dim"],
  [-2, "expired", "soon"],
])("a certificate that ends in %d days says %p", (days, words, tone) => {
  const validTo = new Date(now.getTime() + days * 86_400_000 + 1000).toISOString();
  const certificate = {
    subject: "CN=orders.internal",
    issuer: "CN=Internal CA",
    validFrom: "2026-01-01T00:00:00.000Z",
    validTo,
    fingerprint256: "AA",
  };

  const html = detail({ response: response({ certificate }) });

  expect(html).toContain("CN=Internal CA");
  expect(html).toContain(`<span class="${tone}">${words}</span>`);
});

test("an error of a step shows where it was, and addresses that DNS gave", () => {
  const { response: _response, ...rest } = step({
    errors: [{ kind: "target", phase: "request", name: "Error", message: "refused", code: "ECONNREFUSED" }],
    addresses: ["10.0.0.7", "10.0.0.8"],
  });

  const html = render(<StepDetail step={rest} setting={stepSetting} />);

  expect(html).toContain("ECONNREFUSED");
  expect(html).toContain("No answer came.");
  expect(html).toContain("10.0.0.7, 10.0.0.8");
});

const consoleProps = (change: Partial<RunConsoleProps> = {}): RunConsoleProps => {
  const [first] = listed(step({ position: 4, iteration: 2 }));
  if (!first) throw new Error("no step");
  return {
    shell,
    runId: "r1",
    attempt: undefined,
    isLive: false,
    monitor: { id: "m1", name: "Orders API" },
    counts: { error: 0, warn: 3, info: 0, log: 12, debug: 0 },
    levels: ["warn"],
    search: "Stock",
    groups: [
      { head: first.head, lines: [{ level: "warn", atMs: 3, messages: ["no stock,", "<b>"] }], hidden: 0 },
    ],
    after: 0,
    nextAfter: 4,
    hrefOf: (position) => `/runs/r1/steps/${position}`,
    ...change,
  };
};

test("the console marks what was searched and leads to the step, and on with the same filter", () => {
  const html = render(<RunConsoleRegion {...consoleProps()} />);

  expect(html).toContain("no <mark>stock</mark>, &lt;b&gt;");
  expect(html).toContain(`<a href="/runs/r1/steps/4">Step 4: Create order</a>`);
  expect(html).toContain(`name="level" value="warn" checked=""`);
  expect(html).toContain(`href="/runs/r1/console?q=Stock&amp;after=4&amp;level=warn">Go on →</a>`);
});

test("a console that goes on refreshes with its filter; an empty one says what would be there", () => {
  const live = render(<RunConsoleRegion {...consoleProps({ isLive: true, nextAfter: undefined })} />);
  const counts = { error: 0, warn: 0, info: 0, log: 0, debug: 0 };
  const empty = render(<RunConsoleRegion {...consoleProps({ groups: [], counts, nextAfter: undefined })} />);

  expect(live).toContain(`hx-get="/runs/r1/console?q=Stock&amp;level=warn"`);
  expect(empty).toContain("No script of this run has printed anything");
});

const location = {
  kind: "folder",
  itemId: "f/1",
  name: "Orders <1>",
  line: 7,
  text: "pm.expect(a < b).to.be.true;",
};

test("what failed in a script says in which, at which line, what stands there, and leads to it", () => {
  const error = { name: "AssertionError", message: "expected false to be true", location };
  const html = detail({ assertions: [{ name: "is less", status: "failed", source: "test", error }] });

  expect(html).toContain(
    `<a href="/collections/c1/items/f%2F1#script-test">At line 7 of the test script of the folder &quot;Orders &lt;1&gt;&quot;</a>`,
  );
  expect(html).toContain("<code>pm.expect(a &lt; b).to.be.true;</code>");
});

test("an error of a script of the collection leads to the collection, one without an address nowhere", () => {
  const errorAt = (place: object) =>
    detail({
      errors: [
        {
          kind: "script",
          phase: "prerequest",
          name: "ReferenceError",
          message: "a is not defined",
          location: { ...location, ...place },
        },
      ],
    });

  expect(errorAt({ kind: "collection", itemId: undefined, name: "Shop" })).toContain(
    `<a href="/collections/c1#script-prerequest">At line 7 of the pre-request script of the collection &quot;Shop&quot;</a>`,
  );
  expect(errorAt({ kind: "request", itemId: undefined, name: "One" })).toContain(
    `<p>At line 7 of the pre-request script of the request &quot;One&quot;</p>`,
  );
});

test("a failure of an older runner has no place", () => {
  expect(detail({})).not.toContain("script-place");
});
