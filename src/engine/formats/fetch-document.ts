import { lookup as lookupName } from "node:dns";
import type { LookupFunction } from "node:net";

import { Agent, request } from "undici/index.js";

import { AppError, toError } from "../../lib/errors.ts";
import { parseEgressRules, refuseAddress, refuseHost } from "../http/egress-rules.ts";

const MAX_BYTES = 30 * 1024 * 1024;
const LIMIT_MS = 20_000;
const MAX_REDIRECTS = 3;

/** A control plane stands beside the APIs that it watches: private addresses are the normal case, metadata services never. */
const rules = parseEgressRules({ allow: [], deny: [] });

/**
 * Reads the document at a URL that a person typed: http and https, at most 30 MB, three redirects and 20 s, without any
 * credentials of this machine, and never from a cloud's metadata service. Throws `AppError` with one sentence.
 */
export async function fetchDocument(text: string): Promise<{ bytes: Uint8Array; name: string }> {
  const agent = new Agent({ connect: { lookup: checkedLookup, timeout: LIMIT_MS } });
  try {
    return await follow(agent, parseUrl(text), AbortSignal.timeout(LIMIT_MS));
  } catch (error) {
    if (error instanceof AppError) throw error;
    const why = toError(error).name === "TimeoutError" ? "it took too long" : toError(error).message;
    throw refused(`${text} cannot be read: ${why}.`);
  } finally {
    await agent.destroy();
  }
}

async function follow(agent: Agent, start: URL, signal: AbortSignal) {
  let url = start;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
    const why = refuseHost(rules, url.hostname, "runner");
    if (why !== undefined) throw refused(`${url.href} is not read: ${why}.`);
    const { statusCode, headers, body } = await request(url, {
      dispatcher: agent,
      signal,
      headers: { accept: "application/json, application/yaml, text/yaml, */*", "user-agent": "Sallyport" },
    });
    const { location } = headers;
    if (statusCode < 300 || statusCode > 399 || typeof location !== "string") {
      if (statusCode !== 200) throw refused(`${url.href} answered ${statusCode}, not with a document.`);
      return { bytes: await readBody(body, url), name: url.pathname.split("/").at(-1) || "document" };
    }
    await body.dump();
    url = parseUrl(new URL(location, url).href);
  }
  throw refused(`${start.href} redirects more than ${MAX_REDIRECTS} times.`);
}

async function readBody(body: AsyncIterable<Uint8Array>, url: URL): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MAX_BYTES) throw refused(`${url.href} is larger than 30 MB.`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw refused("That is not an address: it begins with http:// or https://.");
  }
  return url;
}

const refused = (message: string): AppError => new AppError("bad_request", message);

/** Checks the very addresses that are dialled: a name that leads elsewhere the next time gains nothing. */
const checkedLookup: LookupFunction = (hostname, options, callback) => {
  lookupName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const why = addresses.map(({ address }) => refuseAddress(rules, hostname, address)).find(Boolean);
    if (why !== undefined) return callback(new Error(why), []);
    const [first] = addresses;
    if (options.all || !first) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};
