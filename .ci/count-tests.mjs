// Prints tests, failures and skipped of JUnit reports, added up.
import { readFileSync } from "node:fs";

const heads = process.argv
  .slice(2)
  .map((report) => /<testsuites[^>]*>/.exec(readFileSync(report, "utf8"))?.[0] ?? "");
const count = (name) =>
  heads.reduce((sum, head) => sum + Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0), 0);
process.stdout.write(`${count("tests")} ${count("failures") + count("errors")} ${count("skipped")}\n`);
