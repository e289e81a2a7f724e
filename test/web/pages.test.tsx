import { expect, test } from "bun:test";

import { environmentPage } from "../../web/pages/environment.tsx";
import { errorPage } from "../../web/pages/error.tsx";
import { monitorPage } from "../../web/pages/monitor.tsx";
import { OverviewRegion, overviewPage } from "../../web/pages/overview.tsx";
import { runPage } from "../../web/pages/run.tsx";
import { runnerKeyPage } from "../../web/pages/runner-key.tsx";
import { signInPage } from "../../web/pages/sign-in.tsx";
import { render } from "../support/render.ts";
import { listed, monitor, now, overview, overviewRow, run, shell, step } from "./samples.ts";

const hostile = `"><script>alert(1)</script>`;
const escaped = "&lt;script&gt;alert(1)&lt;/script&gt;";

test("names that people chose are text on every page", async () => {
  const pages = [
    overviewPage(overview({ rows: [overviewRow({ name: hostile })] })),
    monitorPage(monitor({ monitor: { ...monitor().monitor, name: hostile } })),
    runPage(
      run(
        {},
        { steps: listed(step({ name: hostile, request: { method: "GET", url: hostile, headers: [] } })) },
      ),
    ),
    errorPage({ status: 404, title: "Not found", message: hostile }),
  ];

  for (const page of pages) {
    expect(String(await page)).toContain(escaped);
    expect(String(await page)).not.toContain("<script>alert");
  }
});

test("no page has inline script or style", async () => {
  const pages = [
    overviewPage(overview()),
    monitorPage(monitor()),
    runPage(run()),
    signInPage({ csrfToken: "", email: "" }),
  ];

  for (const page of pages) {
    const html = String(await page);
    expect(html).not.toMatch(/\sstyle=/);
    expect(html).not.toMatch(/\son\w+=/);
    expect(html).not.toMatch(/<style/);
    expect(html.match(/<script(?![^>]* src=)/)).toBeNull();
  }
});

test("every number of the verdict leads to what it counts", () => {
  const html = render(
    <OverviewRegion
      {...overview({ counts: { failing: 2, error: 1, aborted: 0, passing: 41, paused: 3, none: 0 } })}
    />,
  );

  expect(html).toContain(`href="/?state=failing"`);
  expect(html).toContain(`href="/?state=error"`);
  expect(html).toContain(`href="/?state=paused"`);
  expect(html).toContain(`href="/runners"`);
});

test("with several workspaces there is a switcher, and the choice stays in the addresses", async () => {
  const workspaces = [
    { id: "w1", name: "Payments" },
    { id: "w2", name: "Logistics" },
  ];

  const one = String(await overviewPage(overview()));
  const two = String(await overviewPage(overview({ shell: { ...shell, workspaces, workspaceId: "w2" } })));

  expect(one).not.toContain("All workspaces");
  expect(two).toContain(`<a href="/?workspace=w2" aria-current="true">Logistics</a>`);
  expect(two).toContain(`href="/collections?workspace=w2"`);
});

test("a slot whose time has come is due now, not in the past", () => {
  const html = render(<OverviewRegion {...overview({ rows: [overviewRow({ nextRunAt: now })] })} />);

  expect(html).toContain("due now");
});

test("the overview refreshes with the filter that it was asked with", () => {
  const filter = { search: "orders", onlyFailing: true, page: 2 };

  const html = render(<OverviewRegion {...overview({ filter, shell: { ...shell, workspaceId: "w1" } })} />);

  expect(html).toContain(`hx-get="/?workspace=w1&amp;search=orders&amp;only=failing&amp;page=2"`);
  expect(html).toContain(`hx-trigger="every 10s"`);
});

test("an overview that nothing fails on says so instead of showing an empty table", () => {
  const html = render(
    <OverviewRegion {...overview({ rows: [], filter: { search: "", onlyFailing: true, page: 1 } })} />,
  );

  expect(html).toContain("Nothing is failing");
});

test("every form that changes something carries the token", async () => {
  const html = String(await monitorPage(monitor()));

  const forms = html.match(/<form method="post"/g) ?? [];
  expect(forms.length).toBeGreaterThan(2);
  expect(html.match(/name="csrf" value="csrf-of-ada"/g)).toHaveLength(forms.length);
});

test("a secret is never on a page", async () => {
  const html = String(
    await environmentPage({
      shell,
      environment: { id: "e1", name: "Production", workspaceName: "", updatedAt: now, revision: 1 },
      variables: [{ key: "token", isSecret: true, enabled: true }],
      total: 1,
      text: "",
      uses: { monitors: [], total: 0 },
    }),
  );

  expect(html).toContain("••••");
});

test("the start command is whole and says that it is shown once", async () => {
  const startCommand = "app runner start --server http://h:4600 --id i --key sprk_x";

  const html = String(
    await runnerKeyPage({ shell, runner: { id: "u1", name: "berlin" }, startCommand, wasReset: false }),
  );

  expect(html).toContain(startCommand);
  expect(html).toContain("shown once");
});
