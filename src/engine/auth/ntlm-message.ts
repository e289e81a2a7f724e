import { createHash, createHmac } from "node:crypto";

/** Messages of MS-NLMP. NTLMv2 only: what came before it is broken, and no server in support needs it. */

const SIGNATURE = "NTLMSSP\0";

const flags = {
  unicode: 0x1,
  oem: 0x2,
  requestTarget: 0x4,
  ntlm: 0x200,
  domainSupplied: 0x1000,
  workstationSupplied: 0x2000,
  alwaysSign: 0x8000,
  extendedSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  key128: 0x20000000,
  key56: 0x80000000,
};

const sum = (...bits: number[]): number => bits.reduce((total, bit) => total + bit, 0);

const commonFlags = sum(
  flags.unicode,
  flags.requestTarget,
  flags.ntlm,
  flags.alwaysSign,
  flags.extendedSecurity,
  flags.version,
  flags.key128,
  flags.key56,
);

/** Windows XP, revision 15: what Postman's messages say. */
const VERSION = Buffer.from([5, 1, 0x28, 0x0a, 0, 0, 0, 15]);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** Where in the message a field stands. */
function fieldAt(length: number, offset: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(length, 2);
  bytes.writeUInt32LE(offset, 4);
  return bytes;
}

const NEGOTIATE_BYTES = 40;
const AUTHENTICATE_BYTES = 72;

interface Place {
  domain: string;
  workstation: string;
}

/** The first message, in Base64: what the client can do. */
export function negotiateMessage({ domain, workstation }: Place): string {
  const domainBytes = Buffer.from(domain.toUpperCase(), "latin1");
  const workstationBytes = Buffer.from(workstation.toUpperCase(), "latin1");
  return Buffer.concat([
    Buffer.from(SIGNATURE, "latin1"),
    uint32(1),
    uint32(sum(commonFlags, flags.oem, flags.workstationSupplied, domain === "" ? 0 : flags.domainSupplied)),
    fieldAt(domainBytes.length, NEGOTIATE_BYTES + workstationBytes.length),
    fieldAt(workstationBytes.length, NEGOTIATE_BYTES),
    VERSION,
    workstationBytes,
    domainBytes,
  ]).toString("base64");
}

export interface Challenge {
  /** 8 bytes. */
  serverChallenge: Buffer;
  isUnicode: boolean;
  /** What the server says about itself; part of what is signed. */
  targetInfo: Buffer;
}

/** Reads the server's message from Base64; undefined when it is not one. */
export function readChallenge(base64: string): Challenge | undefined {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < 32 || bytes.toString("latin1", 0, 8) !== SIGNATURE) return undefined;
  if (bytes.readUInt32LE(8) !== 2) return undefined;
  const serverFlags = bytes.readUInt32LE(20);
  const hasTargetInfo = (serverFlags & flags.targetInfo) !== 0 && bytes.length >= 48;
  const offset = hasTargetInfo ? bytes.readUInt32LE(44) : 0;
  return {
    serverChallenge: bytes.subarray(24, 32),
    isUnicode: (serverFlags & flags.unicode) !== 0,
    targetInfo: hasTargetInfo ? bytes.subarray(offset, offset + bytes.readUInt16LE(40)) : Buffer.alloc(4),
  };
}

export interface Credentials extends Place {
  username: string;
  password: string;
}

export interface Moment {
  /** 8 random bytes. */
  clientChallenge: Buffer;
  /** ms since 1970; the server's own time wins if it told one. */
  nowMs: number;
}

/** The last message, in Base64: proof of the password. */
export function authenticateMessage(challenge: Challenge, credentials: Credentials, moment: Moment): string {
  const encode = (text: string) => Buffer.from(text, challenge.isUnicode ? "utf16le" : "latin1");
  const domain = credentials.domain.toUpperCase();
  const responses = ntlmv2Responses(challenge, { ...credentials, domain }, moment);
  const fields = {
    domain: encode(domain),
    username: encode(credentials.username),
    workstation: encode(credentials.workstation.toUpperCase()),
    lm: responses.lm,
    nt: responses.nt,
  };
  const offsets: Record<string, number> = {};
  let end = AUTHENTICATE_BYTES;
  for (const [name, bytes] of Object.entries(fields)) {
    offsets[name] = end;
    end += bytes.length;
  }
  const at = (name: keyof typeof fields) => fieldAt(fields[name].length, offsets[name] ?? 0);
  const unicodeOff = challenge.isUnicode ? 0 : -flags.unicode;
  return Buffer.concat([
    Buffer.from(SIGNATURE, "latin1"),
    uint32(3),
    at("lm"),
    at("nt"),
    at("domain"),
    at("username"),
    at("workstation"),
    // No session key: nothing after the login is signed.
    fieldAt(0, end),
    uint32(sum(commonFlags, flags.targetInfo, unicodeOff)),
    VERSION,
    ...Object.values(fields),
  ]).toString("base64");
}

const hmacMd5 = (key: Buffer, ...data: Buffer[]): Buffer =>
  createHmac("md5", key).update(Buffer.concat(data)).digest();

/** Both responses of NTLMv2 (MS-NLMP 3.3.2). */
export function ntlmv2Responses(
  { serverChallenge, targetInfo }: Challenge,
  { username, domain, password }: Credentials,
  { clientChallenge, nowMs }: Moment,
): { lm: Buffer; nt: Buffer } {
  const passwordHash = createHash("md4").update(Buffer.from(password, "utf16le")).digest();
  const key = hmacMd5(passwordHash, Buffer.from(username.toUpperCase() + domain, "utf16le"));
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    serverTime(targetInfo) ?? fileTime(nowMs),
    clientChallenge,
    Buffer.alloc(4),
    targetInfo,
    Buffer.alloc(4),
  ]);
  return {
    lm: Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge]),
    nt: Buffer.concat([hmacMd5(key, serverChallenge, blob), blob]),
  };
}

/** 100 ns since 1601. */
function fileTime(nowMs: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(nowMs) + 11_644_473_600_000n) * 10_000n);
  return bytes;
}

/** MsvAvTimestamp: a login does not fail for a wrong clock of ours. */
function serverTime(targetInfo: Buffer): Buffer | undefined {
  for (let at = 0; at + 4 <= targetInfo.length;) {
    const id = targetInfo.readUInt16LE(at);
    const length = targetInfo.readUInt16LE(at + 2);
    if (id === 7 && length === 8 && at + 12 <= targetInfo.length) return targetInfo.subarray(at + 4, at + 12);
    if (id === 0) return undefined;
    at += 4 + length;
  }
  return undefined;
}
