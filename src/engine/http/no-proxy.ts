import type { EncodedUrl } from "../url-encode.ts";
import { isInRange, parseIp, parseRange, type IpRange } from "./ip.ts";

type Matcher = (url: EncodedUrl) => boolean;

/**
 * `NO_PROXY`: what Postman or curl would reach directly. Entries have commas or spaces between them. A name means
 * itself and what is below it, with or without a leading dot; `*.name` only what is below it; an address itself, a range
 * (`10.0.0.0/8`) every address in it; `:port` narrows either to a port; `*` means everything.
 */
export function createBypass(noProxy: string): Matcher {
  const matchers = noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .map(toMatcher);
  return (url) => matchers.some((isMatch) => isMatch(url));
}

function toMatcher(entry: string): Matcher {
  if (entry === "*") return () => true;
  const range = parseRange(entry);
  if (range) return ofRange(range);
  const [, host = entry, onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const hostRange = parseRange(host);
  const isHost = hostRange ? ofRange(hostRange) : ofName(host);
  return (url) => (onlyPort === undefined || Number(onlyPort) === url.port) && isHost(url);
}

const ofRange =
  (range: IpRange): Matcher =>
  ({ hostname }) => {
    const address = parseIp(hostname);
    return address !== undefined && isInRange(range, address);
  };

function ofName(text: string): Matcher {
  const isBelowOnly = text.startsWith("*.");
  const name = text.replace(/^\*?\.+/, "").replace(/\.$/, "");
  return ({ hostname }) => {
    const host = hostname.replace(/\.$/, "");
    if (host === name) return !isBelowOnly;
    // The end of an address is no domain.
    return name !== "" && host.endsWith(`.${name}`) && !parseIp(host);
  };
}
