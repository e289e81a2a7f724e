import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");
/** Everything that a runner is made of. */
const sources = ["engine", "runner", "contract", "lib", "commands/runner"].flatMap((folder) => [
  ...new Bun.Glob(`src/${folder}/**/*.ts`).scanSync(root),
]);

/** What opens or accepts a connection; a type, or a look at an address, does not. */
const opens = [
  /\bconnect(?: as \w+)?[^;]*\bfrom "node:(?:net|tls)"/,
  /\bcreateServer\b[^;]*\bfrom "node:/,
  /\bfrom "node:(?:dgram|http|https|http2)"/,
  /\b(?:Agent|request)\b[^;]*\bfrom "undici\/index\.js"/,
  /\bBun\.(?:connect|listen|serve|udpSocket)\(/,
  /(?<![\w.])fetch\(/,
  /\bnew (?:WebSocket|EventSource|XMLHttpRequest)\(/,
];

test("the files that open or accept connections are those that docs/security.md lists", () => {
  const found = sources.filter((file) => {
    // `STATUS_CODES` is a list of words.
    const code = readFileSync(join(root, file), "utf8").replace(/import \{ STATUS_CODES \}.*\n/, "");
    return opens.some((pattern) => pattern.test(code.replaceAll(/^import type .*$/gm, "")));
  });
  const manual = readFileSync(join(root, "docs/security.md"), "utf8");
  const listed = [...manual.matchAll(/^\| `(src\/[^`]+)` \|/gm)].map(([, file = ""]) => file);

  // The client of commands that call the API; `runner start` is none.
  const elsewhere = "src/lib/api-client.ts";
  expect(found.filter((file) => file !== elsewhere).toSorted()).toEqual(listed.toSorted());
  expect(listed.length).toBeGreaterThan(3);
});
