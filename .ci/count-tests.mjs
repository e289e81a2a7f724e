// Prints tests, failures and skipped of a JUnit report.
import { readFileSync } from "node:fs";

const [head = ""] = /<testsuites[^>]*>/.exec(readFileSync(process.argv[2], "utf8")) ?? [];
const count = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
process.stdout.write(`${count("tests")} ${count("failures") + count("errors")} ${count("skipped")}\n`);
