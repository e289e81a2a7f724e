import { expect, test } from "bun:test";

import {
  parseEgressRules,
  refuseAddress,
  refuseHost,
  type Dialer,
} from "../../../src/engine/http/egress-rules.ts";

const rulesOf = (rules: { allow?: string[]; deny?: string[] }) =>
  parseEgressRules({ allow: rules.allow ?? [], deny: rules.deny ?? [] });

/** Whether a request to a host whose name leads to `address` leaves, when the runner itself connects. */
function leaves(rules: { allow?: string[]; deny?: string[] }, host: string, address: string): boolean {
  const parsed = rulesOf(rules);
  if (refuseHost(parsed, host, "runner") !== undefined) return false;
  return refuseAddress(parsed, host, address) === undefined;
}

test.each<[allow: string[], deny: string[], host: string, address: string, expected: boolean]>([
  [[], [], "api.example", "10.0.0.1", true],
  // Names.
  [["api.example"], [], "api.example", "10.0.0.1", true],
  [["API.Example."], [], "api.example", "10.0.0.1", true],
  [["api.example"], [], "api.example.", "10.0.0.1", true],
  [["api.example"], [], "other.example", "10.0.0.1", false],
  [["api.example"], [], "sub.api.example", "10.0.0.1", false],
  [["api.example"], [], "notapi.example", "10.0.0.1", false],
  [["*.corp.example"], [], "a.b.corp.example", "10.0.0.1", true],
  [["*.corp.example"], [], "corp.example", "10.0.0.1", false],
  [["*.corp.example"], [], "evilcorp.example", "10.0.0.1", false],
  [["bücher.example"], [], "xn--bcher-kva.example", "10.0.0.1", true],
  [["*"], [], "anything.example", "10.0.0.1", true],
  [[], ["api.example"], "api.example", "10.0.0.1", false],
  [[], ["*.example"], "api.example", "10.0.0.1", false],
  [[], ["*"], "api.example", "10.0.0.1", false],
  // Addresses and ranges, of whatever the name leads to.
  [["10.0.0.0/8"], [], "api.example", "10.200.0.1", true],
  [["10.0.0.0/8"], [], "api.example", "11.0.0.1", false],
  [["10.0.0.5/8"], [], "api.example", "10.200.0.1", true],
  [["10.0.0.5"], [], "10.0.0.5", "10.0.0.5", true],
  [["fd00::/8"], [], "api.example", "fd12::1", true],
  [["fd00::/8"], [], "api.example", "fe00::1", false],
  [["[fd00::1]"], [], "fd00::1", "fd00::1", true],
  [["0.0.0.0/0"], [], "api.example", "fd12::1", false],
  [["10.0.0.0/9"], [], "api.example", "10.128.0.0", false],
  [["10.0.0.0/31"], [], "api.example", "10.0.0.1", true],
  [[], ["10.0.0.0/8"], "api.example", "10.0.0.1", false],
  [[], ["10.0.0.0/8"], "api.example", "11.0.0.1", true],
  // Deny wins.
  [["api.example"], ["10.0.0.0/8"], "api.example", "10.0.0.1", false],
  [["10.0.0.0/8"], ["api.example"], "api.example", "10.0.0.1", false],
  [["*.example"], ["secret.example"], "secret.example", "10.0.0.1", false],
  // An allowed name may lead anywhere that is not denied.
  [["api.example", "10.0.0.0/8"], [], "api.example", "11.0.0.1", true],
  // Spellings of one address.
  [[], ["10.0.0.1"], "::ffff:a00:1", "::ffff:a00:1", false],
  [["10.0.0.1"], [], "api.example", "::ffff:10.0.0.1", true],
  [[], ["::ffff:10.0.0.0/104"], "api.example", "10.3.2.1", false],
  [[], ["0x0a.1"], "api.example", "10.0.0.1", false],
  [[], ["167772161"], "api.example", "10.0.0.1", false],
  [[], ["012.0.0.1"], "api.example", "10.0.0.1", false],
  // Addresses that lead to other addresses: translators, and "any" address.
  [[], ["10.0.0.0/8"], "api.example", "64:ff9b::a00:1", false],
  [[], ["10.0.0.0/8"], "api.example", "2002:a00:1::1", false],
  [[], ["10.0.0.0/8"], "api.example", "::ffff:0:10.0.0.1", false],
  [[], ["10.0.0.0/8"], "api.example", "::10.0.0.1", false],
  [[], ["127.0.0.0/8"], "0.0.0.0", "0.0.0.0", false],
  [[], ["127.0.0.0/8"], "::", "::", false],
  [[], ["::1"], "::", "::", false],
  [[], ["fe80::/10"], "api.example", "fe80::1%eth0", false],
  // This machine, by name.
  [[], ["localhost"], "localhost", "127.0.0.1", false],
  [[], ["localhost"], "127.8.8.8", "127.8.8.8", false],
  [[], ["localhost"], "api.localhost", "::1", false],
  [[], ["localhost"], "api.example", "::1", false],
  [["localhost"], [], "127.0.0.1", "127.0.0.1", true],
  // Nothing that cannot be read is allowed.
  [[], [], "api.example", "no address", false],
])("allow %j, deny %j: %s at %s leaves: %p", (allow, deny, host, address, expected) => {
  expect(leaves({ allow, deny }, host, address)).toBe(expected);
});

test.each([
  ["169.254.169.254", []],
  ["::ffff:169.254.169.254", []],
  ["64:ff9b::a9fe:a9fe", []],
  ["fd00:ec2::254", []],
  ["fe80::a9fe:a9fe", []],
  ["100.100.100.200", []],
  ["168.63.129.16", []],
  ["169.254.169.254", ["*"]],
  ["169.254.169.254", ["0.0.0.0/0"]],
  ["fd00:ec2::254", ["::/0"]],
  ["100.100.100.200", ["100.64.0.0/10"]],
  ["169.254.169.254", ["api.example"]],
])("the metadata service at %s is denied with --allow %j", (address, allow) => {
  expect(leaves({ allow }, "api.example", address)).toBe(false);
  expect(leaves({ allow }, address, address)).toBe(false);
});

test.each([
  ["169.254.169.254", "169.254.169.254", ["169.254.169.254"]],
  ["169.254.169.254", "169.254.169.254", ["169.254.0.0/16"]],
  ["fd00:ec2::254", "fd00:ec2::254", ["fd00:ec2::254"]],
  ["metadata.google.internal", "169.254.169.254", ["metadata.google.internal"]],
  ["imds.example", "169.254.169.254", ["169.254.169.254"]],
])("the metadata service %s at %s is open to --allow %j", (host, address, allow) => {
  expect(leaves({ allow }, host, address)).toBe(true);
  expect(leaves({ allow, deny: ["169.254.0.0/16", "fd00::/8"] }, host, address)).toBe(false);
});

test("a name of a metadata service is denied before it is looked up", () => {
  expect(refuseHost(rulesOf({}), "Metadata.Google.Internal.", "runner")).toContain("metadata service");
  expect(
    refuseHost(rulesOf({ allow: ["*.google.internal"] }), "metadata.google.internal", "proxy"),
  ).toContain("metadata service");
});

test.each<[allow: string[], deny: string[], host: string, expected: boolean]>([
  [[], [], "api.example", true],
  [["api.example"], [], "api.example", true],
  [["*.example"], [], "api.example", true],
  [["api.example"], [], "other.example", false],
  [[], ["api.example"], "api.example", false],
  [[], ["localhost"], "api.example", true],
  // What a name leads to is known to the proxy only.
  [["10.0.0.0/8"], [], "api.example", false],
  [[], ["10.0.0.0/8"], "api.example", false],
  [["api.example"], ["10.0.0.0/8"], "api.example", false],
  // An address needs no looking up.
  [["10.0.0.0/8"], [], "10.1.1.1", true],
  [[], ["10.0.0.0/8"], "10.1.1.1", false],
  [[], [], "169.254.169.254", false],
  [[], [], "169.254.169.254..", false],
  // Spellings that a proxy may read as an address, or as another name.
  [[], [], "1.2.3.4.5", false],
  [[], [], "api.0x7f", false],
  [[], [], "api%2eexample", false],
])("through a proxy, allow %j, deny %j: %s leaves: %p", (allow, deny, host, expected) => {
  expect(refuseHost(rulesOf({ allow, deny }), host, "proxy") === undefined).toBe(expected);
});

test("a name that no rule can allow is not looked up", () => {
  expect(refuseHost(rulesOf({ allow: ["api.example"] }), "other.example", "runner")).toBeDefined();
  expect(refuseHost(rulesOf({ allow: ["10.0.0.0/8"] }), "other.example", "runner")).toBeUndefined();
});

test.each(["https://x.example", "x.example:80", "a b", "10.0.0.0/33", "fd00::/129", "*.*.x", "x*", "", "/8"])(
  "%j is not a rule",
  (text) => {
    expect(() => rulesOf({ allow: [text] })).toThrow("is not a rule");
  },
);

test.each<[Dialer, string]>([
  ["runner", "db.example leads to 10.0.0.7, which is denied by --deny 10.0.0.0/8"],
  [
    "proxy",
    "the proxy looks up db.example, so --deny 10.0.0.0/8 cannot be checked; deny it in the proxy, or by name",
  ],
])("a refusal names its rule (%s)", (dialer, words) => {
  const rules = rulesOf({ deny: ["10.0.0.0/8"] });

  const refusal = refuseHost(rules, "db.example", dialer) ?? refuseAddress(rules, "db.example", "10.0.0.7");

  expect(refusal).toBe(words);
});
