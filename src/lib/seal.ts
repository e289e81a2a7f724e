import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from "node:crypto";

/** 12-byte nonce, 16-byte tag, ciphertext: the layout of everything that this file encrypts. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

function encrypt(key: Uint8Array, plaintext: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const ciphertext = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]);
}

function decrypt(key: Uint8Array, sealed: Buffer): string {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  const ciphertext = sealed.subarray(NONCE_BYTES + TAG_BYTES);
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString("utf8");
}

/** Encrypts at rest with one 256-bit key (AES-256-GCM); the text is base64. Throws on a wrong key or changed text. */
export interface SecretBox {
  seal(plaintext: string): string;
  open(sealed: string): string;
}

export function createSecretBox(key: Uint8Array): SecretBox {
  if (key.byteLength !== KEY_BYTES) throw new Error(`secret key must be ${KEY_BYTES} bytes`);
  return {
    seal: (plaintext) => encrypt(key, plaintext).toString("base64"),
    open: (sealed) => decrypt(key, Buffer.from(sealed, "base64")),
  };
}

export interface SealingKeys {
  /** SPKI, base64. */
  publicKey: string;
  open(sealed: string): string;
}

/** A fresh X25519 pair, kept in memory only: what was sealed to it is unreadable once the process is gone. */
export function createSealingKeys(): SealingKeys {
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const spki = publicKey.export({ type: "spki", format: "der" }).toString("base64");
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "der" });
  return {
    publicKey: spki,
    open: (sealed) => {
      const raw = Buffer.from(sealed, "base64");
      const spkiLength = raw.readUInt16BE(0);
      const ephemeral = raw.subarray(2, 2 + spkiLength);
      const shared = diffieHellman({
        privateKey: createPrivateKey({ key: pkcs8, type: "pkcs8", format: "der" }),
        publicKey: createPublicKey({ key: ephemeral, type: "spki", format: "der" }),
      });
      return decrypt(deriveKey(shared, ephemeral, spki), raw.subarray(2 + spkiLength));
    },
  };
}

/** Seals a text so that only the holder of the private key opens it: ephemeral X25519, HKDF-SHA256, AES-256-GCM. */
export function sealToPublicKey(publicKey: string, plaintext: string): string {
  const ephemeral = generateKeyPairSync("x25519");
  const spki = ephemeral.publicKey.export({ type: "spki", format: "der" });
  const shared = diffieHellman({
    privateKey: ephemeral.privateKey,
    publicKey: createPublicKey({ key: Buffer.from(publicKey, "base64"), type: "spki", format: "der" }),
  });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(spki.length);
  return Buffer.concat([length, spki, encrypt(deriveKey(shared, spki, publicKey), plaintext)]).toString(
    "base64",
  );
}

function deriveKey(shared: Uint8Array, ephemeral: Uint8Array, recipient: string): Uint8Array {
  const context = Buffer.concat([ephemeral, Buffer.from(recipient, "base64")]);
  return new Uint8Array(hkdfSync("sha256", shared, context, "sallyport seal 1", KEY_BYTES));
}
