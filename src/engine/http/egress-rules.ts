import {
  aliasesOf,
  isInRange,
  isRangeWithin,
  parseIp,
  parseRange,
  type IpBytes,
  type IpRange,
} from "./ip.ts";

/** What `--allow` and `--deny` may name. */
type Pattern =
  | { kind: "all" }
  | { kind: "name"; name: string }
  /** `name` with its leading dot: what is below it, at any depth. */
  | { kind: "below"; name: string }
  | { kind: "range"; range: IpRange };

interface Rule {
  /** As it was written. */
  text: string;
  patterns: Pattern[];
}

/**
 * Where requests may go. Deny wins. With an allow rule, everything that no allow rule covers is denied. A name that an
 * allow rule names may lead to any address that is not denied. The addresses of cloud metadata services are denied,
 * unless an allow rule names just them: a range or a `*` around them does not open them.
 */
export interface EgressRules {
  allow: Rule[];
  deny: Rule[];
}

/** Who looks the name up and connects. */
export type Dialer = "runner" | "proxy";

/** Throws a sentence that names a rule which is none. */
export const parseEgressRules = (rules: { allow: string[]; deny: string[] }): EgressRules => ({
  allow: rules.allow.map(parseRule),
  deny: rules.deny.map(parseRule),
});

/**
 * Why a request must not go to this host, as far as its name tells; undefined = it may, once its addresses are checked.
 * A proxy looks names up itself, so rules that need an address deny every name that it would dial.
 */
export function refuseHost(rules: EgressRules, host: string, dialer: Dialer): string | undefined {
  const name = plainName(host);
  if (parseIp(name)) return refuseAddress(rules, name, name);
  if (dialer === "proxy" && !canBeCompared(name)) return `${name} is not a host name that can be checked`;
  const denied = rules.deny.find((rule) => matchesName(rule, name));
  if (denied) return `${name} is denied by --deny ${denied.text}`;
  if (metadataNames.has(name) && !namesExactly(rules, name)) return metadataRefusal(name);
  const isAllowed = allowsName(rules, name);
  if (dialer === "proxy") return refuseUnchecked(rules, name, isAllowed);
  return isAllowed || rules.allow.some(hasRange) ? undefined : notAllowed(name);
}

/** Why this address must not be dialled for this host; undefined = it may. */
export function refuseAddress(rules: EgressRules, host: string, addressText: string): string | undefined {
  const name = plainName(host);
  const address = parseIp(addressText);
  const shown = name === addressText ? name : `${name} leads to ${addressText}, which`;
  if (!address) return `${shown} is not an address that can be checked`;
  const reached = [address, ...aliasesOf(address)];
  const denied = rules.deny.find((rule) => reached.some((one) => matchesAddress(rule, one)));
  if (denied) return `${shown} is denied by --deny ${denied.text}`;
  if (reached.some((one) => isClosedMetadata(rules, name, one))) return metadataRefusal(shown);
  if (allowsName(rules, name) || rules.allow.some((rule) => matchesAddress(rule, address))) return undefined;
  return notAllowed(shown);
}

function refuseUnchecked(rules: EgressRules, name: string, isAllowed: boolean): string | undefined {
  const unchecked = rules.deny.find(needsAddress);
  if (unchecked)
    return `the proxy looks up ${name}, so --deny ${unchecked.text} cannot be checked; deny it in the proxy, or by name`;
  if (isAllowed) return undefined;
  return rules.allow.some(hasRange)
    ? `the proxy looks up ${name}, so that only an --allow of its name could allow it`
    : notAllowed(name);
}

const notAllowed = (shown: string): string => `${shown} is not covered by any --allow`;

const metadataRefusal = (shown: string): string =>
  `${shown} is a metadata service of a cloud, denied unless an --allow names just it`;

/** Names as they are compared: one spelling, and no dot for the root. */
const plainName = (host: string): string => host.toLowerCase().replace(/\.+$/, "");

/** Neither an address in a spelling that only some programs know (`1.2.3.4.5`), nor one with escapes. */
const canBeCompared = (name: string): boolean =>
  /^[a-z0-9._-]+$/.test(name) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(name);

function parseRule(text: string): Rule {
  const written = text.trim();
  const patterns = parsePatterns(written);
  if (patterns) return { text: written, patterns };
  throw new Error(
    `"${written}" is not a rule: write a host name, *.name for all names below it, an address, or a range such as 10.0.0.0/8`,
  );
}

function parsePatterns(text: string): Pattern[] | undefined {
  if (text === "*") return [{ kind: "all" }];
  const range = parseRange(text);
  if (range) return [{ kind: "range", range }];
  const isBelow = text.startsWith("*.");
  const name = canonicalName(isBelow ? text.slice(2) : text);
  if (name === undefined) return undefined;
  if (isBelow) return [{ kind: "below", name: `.${name}` }];
  // Other spellings of an address: 0x7f.1, 2130706433.
  const address = parseIp(name);
  if (address) return [{ kind: "range", range: { bytes: address, bits: address.length * 8 } }];
  return name === "localhost" ? thisMachine : [{ kind: "name", name }];
}

/** The form in which URLs name it: lower case, other scripts as xn--. */
function canonicalName(text: string): string | undefined {
  if (!/^[^\s/?#@:*[\]\\]+$/.test(text)) return undefined;
  const hostname = URL.parse(`http://${text}`)?.hostname;
  return hostname ? plainName(hostname) : undefined;
}

/** A fixed text that is known to be one. */
const rangeOf = (text: string): Pattern[] => {
  const range = parseRange(text);
  return range ? [{ kind: "range", range }] : [];
};

const thisMachine: Pattern[] = [
  { kind: "name", name: "localhost" },
  { kind: "below", name: ".localhost" },
  ...rangeOf("127.0.0.0/8"),
  ...rangeOf("::1"),
];

const hasRange = ({ patterns }: Rule): boolean => patterns.some(({ kind }) => kind === "range");

/** `localhost` is compared as a name where addresses are not known. */
const needsAddress = ({ patterns }: Rule): boolean => patterns.every(({ kind }) => kind === "range");

const matchesName = ({ patterns }: Rule, name: string): boolean =>
  patterns.some((pattern) => {
    if (pattern.kind === "all") return true;
    if (pattern.kind === "name") return pattern.name === name;
    return pattern.kind === "below" && name.endsWith(pattern.name);
  });

const matchesAddress = ({ patterns }: Rule, address: IpBytes): boolean =>
  patterns.some(
    (pattern) => pattern.kind === "all" || (pattern.kind === "range" && isInRange(pattern.range, address)),
  );

const allowsName = ({ allow }: EgressRules, name: string): boolean =>
  allow.length === 0 || allow.some((rule) => matchesName(rule, name));

const namesExactly = ({ allow }: EgressRules, name: string): boolean =>
  allow.some(({ patterns }) => patterns.some((one) => one.kind === "name" && one.name === name));

function isClosedMetadata(rules: EgressRules, name: string, address: IpBytes): boolean {
  const closed = metadataRanges.find((range) => isInRange(range, address));
  if (!closed || (metadataNames.has(name) && namesExactly(rules, name))) return false;
  const opens = (pattern: Pattern): boolean =>
    pattern.kind === "range" && isRangeWithin(pattern.range, closed) && isInRange(pattern.range, address);
  return !rules.allow.some(({ patterns }) => patterns.some(opens));
}

/** Whoever can read these may get the credentials of the machine. */
const metadataRanges: IpRange[] = [
  // Link-local: AWS, Google, Azure, Oracle, OpenStack, DigitalOcean, Tencent; credentials of ECS and EKS.
  "169.254.0.0/16",
  "fe80::a9fe:a9fe",
  // AWS over IPv6: the instance, pods of EKS.
  "fd00:ec2::254",
  "fd00:ec2::23",
  // Google over IPv6.
  "fd20:ce::254",
  // Alibaba.
  "100.100.100.200",
  // Azure's platform services.
  "168.63.129.16",
  // Oracle's classic instances.
  "192.0.0.192",
  // Scaleway over IPv6.
  "fd00:42::42",
].flatMap((text) => parseRange(text) ?? []);

const metadataNames = new Set([
  "metadata.google.internal",
  "metadata.goog",
  "instance-data.ec2.internal",
  "metadata.tencentyun.com",
]);
