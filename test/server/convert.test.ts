import { expect, test } from "bun:test";

import { createConverter } from "../../src/server/convert.ts";

test("a conversion that takes too long is stopped", async () => {
  const convert = createConverter({ command: ["sleep"], limitMs: 50 });

  await expect(convert(new Uint8Array(), "600")).rejects.toThrow("takes too much time or memory");
});

test.skipIf(process.platform !== "linux")("a conversion that fills the memory is stopped", async () => {
  const fill = "const held = Array.from({ length: 24 }, () => new Uint8Array(2 ** 26).fill(1));";
  const wait = "setInterval(() => held.length, 1000);";
  const convert = createConverter({ command: [process.execPath, "-e", fill + wait], limitMs: 600_000 });

  await expect(convert(new Uint8Array(), "x")).rejects.toThrow("takes too much time or memory");
});
