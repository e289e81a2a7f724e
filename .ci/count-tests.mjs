// Prints tests, failures and skipped of JUnit reports, added up; and on stderr the name of each test that failed.
import { readFileSync } from "node:fs";

const reports = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const heads = reports.map((report) => /<testsuites[^>]*>/.exec(report)?.[0] ?? "");
const count = (name) =>
  heads.reduce((sum, head) => sum + Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0), 0);

for (const report of reports) {
  for (const [, test] of report.matchAll(/<testcase ([^>]*[^/])>\s*<(?:failure|error)\b/g)) {
    const attribute = (name) => new RegExp(`\\b${name}="([^"]*)"`).exec(test)?.[1] ?? "";
    process.stderr.write(`failed: ${attribute("file")}: ${attribute("name")}\n`);
  }
}
process.stdout.write(`${count("tests")} ${count("failures") + count("errors")} ${count("skipped")}\n`);
