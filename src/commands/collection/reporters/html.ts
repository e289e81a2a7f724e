import type { HeaderList, KeptBody, Step } from "../../../engine/types.ts";
import { countAssertions, countErrors, countRequests, fullNameOf, responseTimes } from "./figures.ts";
import { formatBytes, formatMs, placeLines } from "./format.ts";
import { pageStyle } from "./html-style.ts";
import type { Findings, RunFacts } from "./reporter.ts";
import { escapeXml } from "./xml.ts";

/** One page that needs nothing else: no script, no font, no picture, and nothing that it could load. */
export function toHtmlReport(facts: RunFacts, { steps, summary }: Findings): string {
  const name = escapeXml(facts.collectionName);
  const outcome = summary?.outcome ?? "aborted";
  const detail = summary?.detail ? `<p>${escapeXml(summary.detail)}</p>` : "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name}: ${outcome}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p class="verdict ${outcome}">${glyph(outcome === "passed")} ${outcome}</p>
${detail}<p><time datetime="${facts.startedAt.toISOString()}">${facts.startedAt.toISOString().slice(0, 19).replace("T", " ")} UTC</time>${facts.environment?.name ? `, environment ${escapeXml(facts.environment.name)}` : ""}</p>
</header>
<main>
${figures({ steps, summary })}
${problems(steps)}
<section>
<h2>Requests</h2>
${steps.length === 0 ? "<p>None.</p>" : steps.map((step) => stepSection(step, facts)).join("\n")}
</section>
</main>
</body>
</html>`;
}

const glyph = (isGood: boolean): string => (isGood ? "✓" : "✕");

function figures({ steps, summary }: Findings): string {
  const times = responseTimes(steps);
  const assertions = countAssertions(steps);
  const shown: [string, string][] = [
    ["iterations", String(summary?.iterations ?? 0)],
    ["requests", `${countRequests(steps)}, ${countErrors(steps, "request")} failed`],
    ["assertions", `${assertions.executed}, ${assertions.failed} failed, ${assertions.skipped} skipped`],
    ["script errors", String(countErrors(steps, "prerequest") + countErrors(steps, "test"))],
    ["duration", formatMs(summary?.durationMs ?? 0)],
    ["received", formatBytes(summary?.responseBytesTotal ?? 0)],
    ["response time", `${formatMs(times.average)} (${formatMs(times.min)} to ${formatMs(times.max)})`],
  ];
  const cells = shown.map(([term, value]) => `<div><dt>${term}</dt><dd>${value}</dd></div>`);
  return `<dl class="figures">${cells.join("")}</dl>`;
}

function problems(steps: Step[]): string {
  const items = steps.flatMap((step) => {
    const where = `<a href="#step-${step.position}">${escapeXml(fullNameOf(step))}</a>`;
    const failed = step.assertions
      .filter(({ status }) => status === "failed")
      .map(
        ({ name, error }) =>
          `<li>${where}: ${escapeXml(name)}<pre>${escapeXml(error?.message ?? "")}</pre></li>`,
      );
    const errors = step.errors.map(
      (error) => `<li>${where}<pre>${escapeXml(`${error.name}: ${error.message}`)}</pre></li>`,
    );
    return [...failed, ...errors];
  });
  return items.length === 0 ? "" : `<section><h2>Failures</h2><ol>${items.join("\n")}</ol></section>`;
}

function stepSection(step: Step, { iterationCount }: RunFacts): string {
  const { request, response, timings, skipped, position } = step;
  const hasFailed = step.errors.length > 0 || step.assertions.some(({ status }) => status === "failed");
  const answer = response
    ? `${response.code} ${escapeXml(response.status)}, ${formatBytes(response.body.bytes)}, ${formatMs(timings?.totalMs ?? 0)}`
    : skipped
      ? "skipped by its script"
      : "no answer";
  const iteration = iterationCount > 1 ? ` <span class="dim">iteration ${step.iteration + 1}</span>` : "";
  return `<details id="step-${position}"${hasFailed ? " open" : ""}>
<summary><span class="${hasFailed ? "failed" : "passed"}">${glyph(!hasFailed)}</span> ${escapeXml(fullNameOf(step))}${iteration} <span class="dim">${answer}</span></summary>
${request ? `<p class="url"><strong>${escapeXml(request.method)}</strong> ${escapeXml(request.url)}</p>` : ""}
${assertionList(step)}${errorList(step)}${consoleBlock(step)}${request ? message("Request", request.headers, request.body) : ""}${response ? message("Response", response.headers, response.body) : ""}
</details>`;
}

function assertionList({ assertions }: Step): string {
  if (assertions.length === 0) return "";
  const items = assertions.map(({ name, status, source, error }) => {
    const mark = status === "skipped" ? "-" : glyph(status === "passed");
    const why = error
      ? `<pre>${escapeXml(`${error.name}: ${error.message}${placeLines(error.location, source)}`)}</pre>`
      : "";
    return `<li><span class="${status}">${mark}</span> ${escapeXml(name)}${status === "skipped" ? " (skipped)" : ""}${why}</li>`;
  });
  return `<ul class="assertions">${items.join("")}</ul>`;
}

const errorList = ({ errors }: Step): string =>
  errors
    .map(
      ({ name, message: text, phase, location }) =>
        `<pre class="failed">${phase}: ${escapeXml(`${name}: ${text}${phase === "request" ? "" : placeLines(location, phase)}`)}</pre>`,
    )
    .join("");

function consoleBlock({ console: entries }: Step): string {
  const lines = entries.flatMap(({ level, messages }) =>
    level === "clear" ? [] : [escapeXml(`${level}: ${messages.join(" ")}`)],
  );
  return lines.length === 0 ? "" : `<h3>Console</h3><pre>${lines.join("\n")}</pre>`;
}

function message(title: string, headers: HeaderList, body: KeptBody | undefined): string {
  if (headers.length === 0 && !body?.text) return "";
  const rows = headers.map(
    ([name, value]) => `<tr><th>${escapeXml(name)}</th><td>${escapeXml(value)}</td></tr>`,
  );
  const table = rows.length === 0 ? "" : `<table>${rows.join("")}</table>`;
  const cut = body?.truncated ? `<p class="dim">The beginning of ${formatBytes(body.bytes)}.</p>` : "";
  const text = body?.text ? `<pre>${escapeXml(body.text)}</pre>${cut}` : "";
  return `<details><summary>${title}</summary>${table}${text}</details>`;
}
