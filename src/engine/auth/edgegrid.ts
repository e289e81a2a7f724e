import { createHash, createHmac, randomUUID } from "node:crypto";

import { toText } from "../json.ts";
import type { HeaderList } from "../types.ts";
import { encodeUrl } from "../url-encode.ts";
import { parseUrl } from "../url.ts";
import type { Sign, SignableRequest } from "./auth-type.ts";
import { textOf } from "./parameters.ts";

/** Bytes of a body that count, unless the user says otherwise. */
const MAX_BODY_BYTES = 131_072;

/** Akamai EdgeGrid (EG1-HMAC-SHA256). Without all three secrets nothing is signed. */
export const edgegrid: Sign = (parameters, request, { now }) => {
  const text = (name: string) => textOf(parameters[name]);
  const accessToken = text("accessToken");
  const clientToken = text("clientToken");
  const clientSecret = text("clientSecret");
  if (accessToken === "" || clientToken === "" || clientSecret === "") return {};
  const timestamp = text("timestamp") || timestampText(now());
  const start = [
    `EG1-HMAC-SHA256 client_token=${clientToken}`,
    `access_token=${accessToken}`,
    `timestamp=${timestamp}`,
    `nonce=${text("nonce") || randomUUID()}`,
    "",
  ].join(";");
  const { method, url, headers } = request;
  const data = [
    method,
    url.protocol.replace(/:$/, ""),
    text("baseURL") === "" ? url.host : encodeUrl(parseUrl(text("baseURL"))).host,
    url.path,
    canonicalHeaders(headersToSign(parameters["headersToSign"]), headers),
    method === "POST" ? bodyHash(request, Number(parameters["maxBodySize"]) || MAX_BODY_BYTES) : "",
    start,
  ].join("\t");
  const signature = hmac(data, hmac(timestamp, clientSecret));
  return { headers: [["Authorization", `${start}signature=${signature}`]] };
};

const hmac = (data: string, key: string): string => createHmac("sha256", key).update(data).digest("base64");

/** `yyyyMMddTHH:mm:ss+0000` */
const timestampText = (date: Date): string =>
  date
    .toISOString()
    .replace(/\.\d+Z$/, "+0000")
    .replace(/^(\d+)-(\d+)-(\d+)/, "$1$2$3");

const headersToSign = (names: unknown): string[] =>
  typeof names === "string" ? names.split(",") : Array.isArray(names) ? names.map(toText) : [];

function canonicalHeaders(names: string[], headers: HeaderList): string {
  return names
    .flatMap((name) => {
      const lowerName = name.trim().toLowerCase();
      const values = headers.filter(([header]) => header.toLowerCase() === lowerName);
      // A header that is there twice is not signed, as in Postman.
      const value = values.length === 1 ? (values[0]?.[1] ?? "") : "";
      return value === "" ? [] : [`${lowerName}:${value.trim().replace(/\s+/g, " ")}`];
    })
    .join("\t");
}

function bodyHash({ body }: SignableRequest, maxBytes: number): string {
  if (!body || body.bytes.length === 0) return "";
  const counted = maxBytes > 0 ? body.bytes.subarray(0, maxBytes) : "";
  return createHash("sha256").update(counted).digest("base64");
}
