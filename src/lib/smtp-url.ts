import { AppError } from "./errors.ts";

/** A mail server, and who the mail is from. */
export interface SmtpConfig {
  host: string;
  port: number;
  /** `implicit`: TLS from the first byte. `required`: nothing is sent without STARTTLS. `offered`: STARTTLS if there is one. */
  tls: "implicit" | "required" | "offered" | "off";
  credentials: { user: string; pass: string } | undefined;
  /** An address, or a name and an address: `Sallyport <alerts@example.com>`. */
  from: string;
}

const usage = (why: string): AppError =>
  // The text may hold a password, so it is not repeated.
  new AppError(
    "usage",
    `--smtp-url ${why}; write smtp://user:password@mail.example:587 or smtps://mail.example:465.`,
  );

/**
 * `smtp://` (port 587 with a user, else 25) or `smtps://` (465). A password is never sent without TLS, and TLS is used wherever
 * it is offered, unless the address says otherwise: `?starttls=required` or `?starttls=off`. Throws `usage`.
 */
export function parseSmtpUrl(text: string, from: string): SmtpConfig {
  const url = URL.parse(text.trim());
  if (!url || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "")
    throw usage("is no address of a mail server");
  const starttls = url.searchParams.get("starttls");
  if (starttls !== null && !["required", "off"].includes(starttls))
    throw usage("has a starttls that is neither required nor off");
  const user = decode(url.username);
  const isImplicit = url.protocol === "smtps:";
  const port = url.port === "" ? (isImplicit ? 465 : user ? 587 : 25) : Number(url.port);
  const startTls =
    starttls === "off" ? "off" : starttls === "required" || user !== "" ? "required" : "offered";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port,
    tls: isImplicit ? "implicit" : startTls,
    credentials: user === "" ? undefined : { user, pass: decode(url.password) },
    from: parseFrom(from),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw usage("has a user or password that is not percent-encoded");
  }
}

/** On one line, with one address in it. */
function parseFrom(text: string): string {
  if (/^\P{Cc}{0,100}<[^\s<>@,]+@[^\s<>@,]+>$|^[^\s<>@,]+@[^\s<>@,]+$/u.test(text.trim())) return text.trim();
  throw new AppError(
    "usage",
    `--smtp-from must be an address such as alerts@example.com, with or without a name before it, not "${text}".`,
  );
}
