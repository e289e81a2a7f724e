import { isIP } from "node:net";

/** 4 bytes for IPv4, 16 for IPv6. */
export type IpBytes = readonly number[];

/** The addresses whose first `bits` are those of `bytes`. */
export interface IpRange {
  bytes: IpBytes;
  bits: number;
}

/** One address in its plain spelling, an IPv6 zone left aside; IPv4 inside `::ffff:0:0/96` is IPv4. */
export function parseIp(text: string): IpBytes | undefined {
  const [bare = ""] = text.split("%", 1);
  const family = isIP(bare);
  if (family === 4) return bare.split(".").map(Number);
  return family === 6 ? unmapped(parseIpv6(bare)) : undefined;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. Bits behind the prefix do not count. */
export function parseRange(text: string): IpRange | undefined {
  const [, address = "", prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bare = /^\[(.*)\]$/.exec(address)?.[1] ?? address;
  const bytes = parseIp(bare);
  if (!bytes) return undefined;
  if (prefix === undefined) return { bytes, bits: bytes.length * 8 };
  const bits = Number(prefix) - (isIP(bare) === 6 && bytes.length === 4 ? MAPPED_BITS : 0);
  return bits >= 0 && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

/** Whether an address lies in a range of its own family. */
export function isInRange({ bytes, bits }: IpRange, address: IpBytes): boolean {
  if (address.length !== bytes.length) return false;
  return bytes.every((byte, index) => {
    const counted = Math.min(8, Math.max(0, bits - index * 8));
    return (byte ^ (address[index] ?? 0)) >> (8 - counted) === 0;
  });
}

export const isRangeWithin = (inner: IpRange, outer: IpRange): boolean =>
  inner.bits >= outer.bits && isInRange(outer, inner.bytes);

/**
 * Where packets to an address may end up as well: translators (NAT64, 6to4, SIIT) take the IPv4 address out of an
 * IPv6 one, and a system that connects to "any" address reaches itself.
 */
export function aliasesOf(address: IpBytes): IpBytes[] {
  if (address.length === 4) return address[0] === 0 ? [LOOPBACK_4] : [];
  if (address.every((byte) => byte === 0)) return [LOOPBACK_4, LOOPBACK_6];
  const embedded = embeddings.find(({ range }) => isInRange(range, address));
  return embedded ? [address.slice(embedded.at, embedded.at + 4)] : [];
}

const LOOPBACK_4: IpBytes = [127, 0, 0, 1];
const LOOPBACK_6: IpBytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const MAPPED_BITS = 96;

function parseIpv6(text: string): IpBytes {
  const [head = "", tail] = text.split("::");
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array<number>(16 - before.length - after.length).fill(0), ...after];
}

const groupsOf = (text: string): number[] =>
  text === ""
    ? []
    : text.split(":").flatMap((group) => {
        if (group.includes(".")) return group.split(".").map(Number);
        const value = Number.parseInt(group, 16);
        return [value >> 8, value & 0xff];
      });

const prefix = (text: string, bits: number): IpRange => ({ bytes: parseIpv6(text), bits });
const mapped = prefix("::ffff:0:0", MAPPED_BITS);
const unmapped = (bytes: IpBytes): IpBytes => (isInRange(mapped, bytes) ? bytes.slice(12) : bytes);

const embeddings = [
  { range: prefix("64:ff9b::", 96), at: 12 },
  { range: prefix("64:ff9b:1::", 48), at: 12 },
  { range: prefix("::ffff:0:0:0", 96), at: 12 },
  { range: prefix("2002::", 16), at: 2 },
  // Addresses "compatible" with IPv4; `::1` falls among them without harm.
  { range: prefix("::", 96), at: 12 },
];
