import { z } from "zod";

import type { EncodedUrl } from "../url-encode.ts";

/** A certificate that is shown to the servers whose URLs match, in the form of Postman's list. */
export interface ClientCertificate {
  name?: string;
  /** `https://*.example.com:8443/*`: `*` or `*.` before the host, `:*` = any port, none = 443; or `<all_urls>`. */
  matches: string[];
  /** PEM. */
  key?: string | Uint8Array;
  /** PEM, with the intermediate ones behind it. */
  cert?: string | Uint8Array;
  /** PKCS#12, instead of `key` and `cert`. */
  pfx?: Uint8Array;
  passphrase?: string;
}

/** `<all_urls>` for a certificate that goes to every server: `--ssl-client-cert`, `--ssl-client-key`. */
export const everyUrl = "<all_urls>";

const source = z
  .union([z.string(), z.object({ src: z.string().optional() }).transform(({ src }) => src)])
  .optional();

const listSchema = z.array(
  z.object({
    name: z.string().optional(),
    matches: z.array(z.string()),
    key: source,
    cert: source,
    pfx: source,
    passphrase: z.string().optional(),
  }),
);

/**
 * Reads the files that a list names (`--ssl-client-cert-list`: `[{name, matches, key: {src}, cert: {src}, pfx: {src},
 * passphrase}]`). The first entry that matches a URL wins, so what goes to every server belongs at the end. `read`
 * resolves paths against the working directory; what it throws is passed on. Throws for a list of another shape.
 */
export async function readClientCertificates(
  list: unknown,
  read: (path: string) => Promise<Uint8Array>,
): Promise<ClientCertificate[]> {
  const parsed = listSchema.safeParse(list);
  if (!parsed.success)
    throw new Error(`the list of client certificates is not valid: ${z.prettifyError(parsed.error)}`);
  const load = async (path: string | undefined) => (path ? await read(path) : undefined);
  return Promise.all(
    parsed.data.map(async ({ name, matches, passphrase, ...paths }) => {
      const [key, cert, pfx] = await Promise.all([load(paths.key), load(paths.cert), load(paths.pfx)]);
      return {
        matches,
        ...(name === undefined ? {} : { name }),
        ...(key ? { key } : {}),
        ...(cert ? { cert } : {}),
        ...(pfx ? { pfx } : {}),
        ...(passphrase === undefined ? {} : { passphrase }),
      };
    }),
  );
}

type Matcher = (url: EncodedUrl) => boolean;

/** Only URLs of https match, whatever a pattern says; a pattern that is none matches nothing. */
export function toMatcher(matches: string[]): Matcher {
  const patterns = matches.map(toPattern);
  return (url) => url.protocol === "https:" && patterns.some((isMatch) => isMatch(url));
}

const patternParts =
  /^((?:https?|file|ftp|\*)(?:\+(?:https?|file|ftp))*):\/\/(\*|\*\.[^*/:]+|[^*/:]+)(?::(\*|\d+))?(\/.*)$/;

function toPattern(text: string): Matcher {
  if (text === everyUrl) return () => true;
  const [, protocols = "", host = "", port = "443", glob = ""] = patternParts.exec(text) ?? [];
  if (!protocols.split("+").some((protocol) => protocol === "*" || protocol === "https")) return () => false;
  const path = globToRegExp(glob);
  const name = host.toLowerCase();
  const suffix = name.startsWith("*.") ? name.slice(1) : undefined;
  return (url) =>
    (name === "*" ||
      name === url.hostname ||
      (suffix !== undefined && `.${url.hostname}`.endsWith(suffix))) &&
    (port === "*" || Number(port) === url.port) &&
    path.test(url.path.split("?", 1)[0] ?? "/");
}

const globToRegExp = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("?", ".")
      .replaceAll(/\*+/g, ".*")}$`,
  );
