import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";

import { createSealingKeys, createSecretBox, sealToPublicKey } from "../../src/lib/seal.ts";

test("what is sealed to a public key opens only with its private key", () => {
  const recipient = createSealingKeys();
  const other = createSealingKeys();

  const sealed = sealToPublicKey(recipient.publicKey, "pässword");

  expect(recipient.open(sealed)).toBe("pässword");
  expect(() => other.open(sealed)).toThrow();
});

test("sealing the same text twice gives two texts", () => {
  const { publicKey } = createSealingKeys();

  expect(sealToPublicKey(publicKey, "x")).not.toBe(sealToPublicKey(publicKey, "x"));
});

test("a secret box opens what it sealed and refuses a changed text or another key", () => {
  const box = createSecretBox(randomBytes(32));
  const sealed = box.seal("s3cr3t");
  const changed = Buffer.from(sealed, "base64");
  changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1);

  expect(box.open(sealed)).toBe("s3cr3t");
  expect(() => box.open(changed.toString("base64"))).toThrow();
  expect(() => createSecretBox(randomBytes(32)).open(sealed)).toThrow();
});

test("a secret box refuses a key that is not 256 bits", () => {
  expect(() => createSecretBox(randomBytes(16))).toThrow("32 bytes");
});
