import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { runProgram } from "../../support/program.ts";
import { collectionOf, openPlace, testScript, type Place } from "./support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

const xml2js = createRequire(import.meta.url)("xml2js");
let place: Place;
let collection: string;
/** Reports of one run with everything in it: passes, failures, errors, folders, iterations, odd characters. */
const reports: { stdout: string; junit: string; html: string; json: string; newman: string } = {
  stdout: "",
  junit: "",
  html: "",
  json: "",
  newman: "",
};

beforeAll(async () => {
  place = await openPlace();
  const { url } = place.target;
  collection = await place.file(
    "collection.json",
    collectionOf(
      {
        name: "Folder",
        item: [
          {
            name: "good",
            event: [
              { listen: "prerequest", script: { exec: ["console.log('before')"] } },
              ...testScript(
                "pm.test('arrived', () => pm.response.to.have.status(200));",
                "pm.test.skip('later', () => {});",
                "console.warn(']]> <script>alert(1)</script> \\u0001 \\u001b[31m');",
              ),
            ],
            request: {
              method: "POST",
              url: `${url}/echo`,
              header: [{ key: "X-Token", value: "t0ken" }],
              body: { mode: "raw", raw: "<b>body</b>" },
            },
          },
        ],
      },
      {
        name: 'bad "one"',
        event: testScript(
          "pm.test('never ]]> <x>', () => pm.expect('a\\nb').to.equal('c'));",
          "throw new TypeError('broken & sad');",
        ),
        request: `${url}/b`,
      },
      { name: "down", request: "http://127.0.0.1:9/" },
    ),
  );
  const path = (name: string) => join(place.folder, name);
  const args = ["collection", "run", collection, "-n", "2"];
  const run = await runProgram([
    ...args,
    "-r",
    "cli,json,junit,html",
    "--reporter-json-export",
    path("r.json"),
    "--reporter-junit-export",
    path("deep/er/r.xml"),
    "--reporter-html-export",
    path("r.html"),
  ]);
  await runProgram([
    ...args,
    "-r",
    "json",
    "--reporter-json-structure",
    "newman",
    "--reporter-json-export",
    path("n.json"),
  ]);
  reports.stdout = run.stdout;
  reports.json = await readFile(path("r.json"), "utf8");
  reports.junit = await readFile(path("deep/er/r.xml"), "utf8");
  reports.html = await readFile(path("r.html"), "utf8");
  reports.newman = await readFile(path("n.json"), "utf8");
});
afterAll(() => place.leave());

describe("cli", () => {
  test("shows iterations, folders, requests, assertions and console as a tree", () => {
    expect(reports.stdout).toContain(
      ["Iteration 1/2", "", "❏ Folder", "↳ good", `  POST ${place.target.url}/echo [200 OK, `].join("\n"),
    );
    expect(reports.stdout).toMatch(
      /ms\]\n {2}┌\n {2}│ before\n {2}│ warn: .*\n {2}└\n {2}✓ arrived\n {2}- \[skipped\] later\n/,
    );
    expect(reports.stdout).toContain('→ bad "one"');
    expect(reports.stdout).toContain("Iteration 2/2");
  });

  test("numbers failures as the list at the end does", () => {
    const { stdout } = reports;

    expect(stdout).toContain("✕ 1. never ]]> <x>");
    expect(stdout).toContain("✕ 2. TypeError: broken & sad");
    expect(stdout).toContain("✕ 6. Error: connect ECONNREFUSED 127.0.0.1:9");
    expect(stdout).toMatch(
      / 1\. AssertionError {2}never \]\]> <x>\n.*\n +at assertion:0 in test-script\n.*\n.*\n +inside "bad "one"", iteration 1/,
    );
    expect(stdout).toMatch(
      / 6\. Error\n +connect ECONNREFUSED 127\.0\.0\.1:9\n +at request\n +inside "down", iteration 2/,
    );
  });

  test("says which line of which script failed, and what stands there", () => {
    expect(reports.stdout).toMatch(
      / in test-script\n +at line \d+ of the test script of the request "bad "one"":\n +pm\.test\('never/,
    );
    expect(reports.html).toContain("at line");
  });

  test("sums up", () => {
    const row = (name: string, executed: number, failed: number) =>
      new RegExp(`│ +${name} │ +${executed} │ +${failed} │`);

    expect(reports.stdout).toMatch(row("iterations", 2, 0));
    expect(reports.stdout).toMatch(row("requests", 6, 2));
    expect(reports.stdout).toMatch(row("test-scripts", 4, 2));
    expect(reports.stdout).toMatch(row("prerequest-scripts", 2, 0));
    expect(reports.stdout).toMatch(row("assertions", 6, 2));
    expect(reports.stdout).toMatch(/average response time: .* \[min: .*, max: .*, s\.d\.: .*\]/);
  });

  test("lets nothing that a script logs reach the terminal as a control character", () => {
    // oxlint-disable-next-line no-control-regex
    expect(reports.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(reports.stdout).toContain("\\u001b[31m");
  });

  test.each([
    ["--reporter-cli-no-summary", "average response time"],
    ["--reporter-cli-no-failures", "#  failure  detail"],
    ["--reporter-cli-no-assertions", "✓ arrived"],
    ["--reporter-cli-no-success-assertions", "✓ arrived"],
    ["--reporter-cli-no-console", "│ before"],
    ["--reporter-cli-no-banner", "Echoes"],
    ["--disable-unicode", "✓"],
  ])("%s leaves %s out", async (flag, absent) => {
    const { stdout } = await runProgram(["collection", "run", collection, flag]);

    expect(reports.stdout).toContain(absent);
    expect(stdout).not.toContain(absent);
    expect(stdout.length).toBeGreaterThan(100);
  });

  test("--color on paints, --silent prints nothing, --verbose shows headers and bodies", async () => {
    const run = (...flags: string[]) => runProgram(["collection", "run", collection, "-i", "good", ...flags]);
    const [painted, silent, verbose] = await Promise.all([
      run("--color", "on"),
      run("--silent"),
      run("--verbose"),
    ]);

    expect(painted.stdout).toContain("\u001b[32m✓");
    expect([silent.stdout, silent.stderr, silent.exitCode]).toEqual(["", "", 0]);
    expect(verbose.stdout).toContain("│ X-Token: t0ken");
    expect(verbose.stdout.match(/│ <b>body<\/b>/g)).toHaveLength(2);
  });
});

describe("junit", () => {
  test("is XML that a parser takes, with figures that add up", async () => {
    const { testsuites } = await xml2js.parseStringPromise(reports.junit);
    const suites: { $: Record<string, string>; testcase?: Record<string, unknown>[] }[] =
      testsuites.testsuite;
    const count = (name: string) =>
      suites.flatMap(({ testcase = [] }) => testcase).filter((one) => name in one).length;

    expect(suites.map(({ $ }) => [$["name"], $["tests"], $["failures"], $["errors"], $["skipped"]])).toEqual([
      ["Folder / good", "2", "0", "0", "1"],
      ['bad "one"', "3", "1", "2", "0"],
      ["down", "2", "0", "2", "0"],
    ]);
    expect(testsuites.$).toMatchObject({ name: "Echoes & <others>", tests: "7", failures: "1", errors: "4" });
    expect([count("failure"), count("error"), count("skipped")]).toEqual([1, 4, 1]);
    for (const { $ } of suites) expect(Date.parse(`${$["timestamp"]}Z`)).toBeGreaterThan(0);
  });

  test("says of a failure what failed, how often and where, in lines", async () => {
    const { testsuites } = await xml2js.parseStringPromise(reports.junit);
    const [failure] = testsuites.testsuite[1].testcase[0].failure;

    expect(testsuites.testsuite[1].testcase[0].$).toMatchObject({
      name: "never ]]> <x>",
      classname: 'bad "one"',
    });
    expect(failure.$.type).toBe("AssertionFailure");
    expect(failure.$.message).toContain("expected 'a\\nb' to equal 'c'");
    expect(failure._).toContain("Failed 2 times.");
    expect(failure._).toContain('Request name: bad "one".');
    expect(failure._).toContain("Test description: never ]]> <x>.");
  });

  test("keeps the console, without what XML cannot hold", async () => {
    const { testsuites } = await xml2js.parseStringPromise(reports.junit);

    expect(testsuites.testsuite[0]["system-out"][0]).toContain("]]> <script>alert(1)</script> \ufffd");
  });

  test("a run that could not begin is an error, not a report without tests", async () => {
    const path = join(place.folder, "none.xml");

    const { exitCode } = await runProgram([
      "collection",
      "run",
      collection,
      "-i",
      "nobody",
      "-r",
      "junit",
      "--reporter-junit-export",
      path,
    ]);

    const { testsuites } = await xml2js.parseStringPromise(await readFile(path, "utf8"));
    expect([exitCode, testsuites.$.errors]).toEqual([1, "1"]);
    expect(testsuites.testsuite[0].testcase[0].error[0].$.message).toContain('"nobody"');
  });
});

describe("html", () => {
  test("is one file that loads nothing and runs nothing", () => {
    const { html } = reports;

    expect(html).toStartWith("<!doctype html>");
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<(script|link|img|iframe|object|embed)\b|@import|url\(|\bsrc=/i);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  });

  test("shows the outcome, the failures, and each request with its message", () => {
    const { html } = reports;

    expect(html).toMatch(/<p class="verdict failed">✕ failed<\/p>/);
    expect(html.match(/<details id="step-/g)).toHaveLength(6);
    expect(html).toContain("never ]]&gt; &lt;x&gt;");
    expect(html).toContain("TypeError: broken &amp; sad");
    expect(html).toContain("&lt;b&gt;body&lt;/b&gt;");
    expect(html).toContain("<th>X-Token</th><td>t0ken</td>");
  });
});

describe("json", () => {
  test("is what Postman's program writes", () => {
    expect(JSON.parse(reports.json)).toMatchObject({
      run: {
        meta: { collectionName: "Echoes & <others>", collectionId: "c0ffee00-0000-4000-8000-000000000000" },
        summary: {
          iterations: { executed: 2, errors: 0 },
          executedRequests: { executed: 6, errors: 2 },
          prerequestScripts: { executed: 2, errors: 0 },
          postresponseScripts: { executed: 4, errors: 2 },
          tests: { executed: 6, passed: 2, failed: 2, skipped: 2 },
        },
        executions: [
          {
            iterationCount: 1,
            requestExecuted: { name: "good", method: "POST" },
            response: { code: 200, body: "<b>body</b>" },
            tests: [
              { name: "arrived", status: "passed" },
              { name: "later", status: "skipped" },
            ],
            errors: [],
          },
          {
            requestExecuted: { name: 'bad "one"' },
            errors: [{ name: "TypeError", message: "broken & sad" }],
          },
          { requestExecuted: { name: "down" }, response: null },
          { iterationCount: 2 },
          {},
          {},
        ],
      },
    });
  });

  test.each([
    ["omitRequestBodies", { request: false, response: true, headers: true }],
    ["omitResponseBodies", { request: true, response: false, headers: true }],
    ["omitHeaders", { request: true, response: true, headers: false }],
    ["omitAllHeadersAndBody", { request: false, response: false, headers: false }],
  ])("and html leave out what %s says", async (option, expected) => {
    const path = (extension: string) => join(place.folder, `${option}.${extension}`);
    await runProgram([
      "collection",
      "run",
      collection,
      "-i",
      "good",
      "-r",
      "json,html",
      "--reporter-json-export",
      path("json"),
      `--reporter-json-${option}`,
      "--reporter-html-export",
      path("html"),
      `--reporter-html-${option}`,
    ]);

    const [execution] = JSON.parse(await readFile(path("json"), "utf8")).run.executions;
    const html = await readFile(path("html"), "utf8");
    expect({
      request: execution.requestExecuted.body.text !== undefined,
      response: execution.response.body !== undefined,
      headers: execution.response.headers.length > 0,
    }).toEqual(expected);
    expect(html.match(/&lt;b&gt;body/g)?.length ?? 0).toBe(
      Number(expected.request) + Number(expected.response),
    );
    expect(html.includes("X-Token")).toBe(expected.headers);
  });
});

describe("json as newman", () => {
  test("says of the same collection what newman itself says", async () => {
    const path = join(place.folder, "newman.json");
    const newman = join(import.meta.dir, "../../../node_modules/newman/bin/newman.js");
    const args = ["run", collection, "-n", "2", "-r", "json", "--reporter-json-export", path];
    await Bun.spawn([process.execPath, newman, ...args], { stdout: "ignore", stderr: "ignore" }).exited;

    const ours = digest(JSON.parse(reports.newman));
    const theirs = digest(JSON.parse(await readFile(path, "utf8")));
    expect(theirs.executions).toHaveLength(6);
    expect(ours).toEqual(theirs);
  });
});

interface NewmanReport {
  run: {
    stats: Record<string, { total: number; failed: number }>;
    executions: {
      cursor: { position: number; iteration: number; cycles: number };
      item: { name: string };
      response?: { code: number; status: string; stream?: { type: string; data: number[] } };
      assertions?: {
        assertion: string;
        skipped: boolean;
        error?: { name: string; test: string; message: string };
      }[];
      requestError?: { name: string; code?: string };
    }[];
    failures: { error: { name: string; test?: string }; at: string; source: { name: string } }[];
  };
}

/** What both reports can say alike. */
const digest = ({ run }: NewmanReport) => ({
  stats: Object.fromEntries(
    ["iterations", "items", "requests", "assertions", "testScripts", "prerequestScripts"].map((name) => [
      name,
      [run.stats[name]?.total, run.stats[name]?.failed],
    ]),
  ),
  executions: run.executions.map(({ cursor, item, response, assertions = [], requestError }) => ({
    cursor: [cursor.position, cursor.iteration, cursor.cycles],
    name: item.name,
    response: response && [
      response.code,
      response.status,
      Buffer.from(response.stream?.data ?? []).toString(),
    ],
    assertions: assertions.map(({ assertion, skipped, error }) => [
      assertion,
      skipped,
      error && [error.name, error.test, error.message],
    ]),
    requestError: requestError?.code,
  })),
  failures: run.failures
    .map(({ error, at, source }) => [error.name, error.test ?? "", at, source.name].join(" | "))
    .toSorted(),
});
