/**
 * What a mock sends was written by somebody else and comes from the origin of our pages. So no answer may run as one of
 * them, speak for the whole host, or touch what the browser keeps for it.
 */
const policy = [
  // First of all: whatever the bytes are, they get an origin of their own, without scripts, forms and windows.
  "sandbox",
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** On every answer below `/mock`, last. Cross-origin reading is open, without cookies. */
export const fixedHeaders: readonly (readonly [string, string])[] = [
  ["content-security-policy", policy],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "cross-origin"],
  ["access-control-allow-origin", "*"],
  ["access-control-expose-headers", "*"],
];

/** Whether a header is the same on every answer, and so says nothing about one. */
export const isFixed = (name: string): boolean => fixedHeaders.some(([known]) => known === name);

/** Of an example, never sent: they frame the message, speak for the whole host, or are set by us. */
const withheld = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "alt-svc",
  "clear-site-data",
  "content-security-policy",
  "content-security-policy-report-only",
  "expect-ct",
  "nel",
  "origin-agent-cluster",
  "origin-trial",
  "permissions-policy",
  "public-key-pins",
  "report-to",
  "reporting-endpoints",
  "service-worker-allowed",
  "sourcemap",
  "speculation-rules",
  "strict-transport-security",
  ...fixedHeaders.map(([name]) => name),
]);

const MAX_COOKIES = 20;
const token = /^[!#$%&'*+.^_`|~\w-]+$/;

export interface CookieScope {
  /** Path that cookies of this mock are kept to. */
  path: string;
  /** Name that none may have. */
  reserved: string;
}

/** The headers of an example as they are sent: those that an HTTP message can carry and a mock may set. */
export function answerHeaders(wanted: Iterable<readonly [string, string]>, cookies: CookieScope): Headers {
  const headers = new Headers();
  let cookieCount = 0;
  for (const [name, value] of wanted) {
    const lower = name.toLowerCase();
    if (!token.test(name) || !isSendable(value) || withheld.has(lower)) continue;
    if (lower.startsWith("access-control-allow-credentials")) continue;
    if (lower !== "set-cookie") headers.append(name, value);
    else if (cookieCount++ < MAX_COOKIES) {
      const cookie = ownCookie(value, cookies);
      if (cookie) headers.append(name, cookie);
    }
  }
  for (const [name, value] of fixedHeaders) headers.set(name, value);
  return headers;
}

/** Latin-1 without control characters: what a header can be made of. */
const isSendable = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** Kept to the path of the mock and to this host; undefined when it has the name of the session's. */
function ownCookie(value: string, { path, reserved }: CookieScope): string | undefined {
  const [pair = "", ...attributes] = value.split(";").map((part) => part.trim());
  const name = pair.split("=", 1)[0]?.trim() ?? "";
  if (name === "" || name.toLowerCase() === reserved.toLowerCase() || name.startsWith("__")) return undefined;
  const kept = attributes.filter(
    (attribute) => !/^(path|domain)\s*(=|$)/i.test(attribute) && attribute !== "",
  );
  return [pair, ...kept, `Path=${path}`].join("; ");
}
