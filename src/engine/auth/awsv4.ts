import { createHash } from "node:crypto";

import { sign as signForAws } from "aws4";

import { removeHeader } from "../http/headers.ts";
import { toText } from "../json.ts";
import type { HeaderList } from "../types.ts";
import type { Sign, SignableRequest } from "./auth-type.ts";
import { textOf } from "./parameters.ts";

const ownHeaders = ["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"];
/** `X-Amz-Expires` stays: it is how the user says how long a signed URL is good for. */
const ownParameters = [
  "X-Amz-Security-Token",
  "X-Amz-Date",
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
];

/** AWS Signature Version 4, in headers or in the query. */
export const awsv4: Sign = (parameters, request) => {
  const [path, query] = splitOnce(request.url.path, "?");
  const kept = query?.split("&").filter((pair) => !ownParameters.includes(nameOf(pair))) ?? [];
  const inQuery = Boolean(parameters["addAuthDataToQuery"]);
  const headers = removeHeader(request.headers, ...ownHeaders);
  const signed = signForAws(
    {
      host: request.url.host,
      path: kept.length === 0 ? path : `${path}?${kept.join("&")}`,
      service: textOf(parameters["service"]) || "execute-api",
      region: textOf(parameters["region"]) || "us-east-1",
      method: request.method,
      headers: byName(inQuery ? headers : [...headers, ...bodyHash(request)]),
      signQuery: inQuery,
      // In headers the hash stands for it; a body given here would get a Content-Type of its own.
      ...(inQuery && request.body ? { body: request.body.bytes } : {}),
    },
    credentials(parameters),
  );
  return {
    withoutHeaders: ownHeaders,
    withoutQuery: ownParameters,
    ...(inQuery
      ? { query: addedParameters(signed.path, new Set(kept.map(nameOf))) }
      : { headers: addedHeaders(signed.headers) }),
  };
};

const credentials = ({ accessKey, secretKey, sessionToken }: Record<string, unknown>) => ({
  accessKeyId: toText(accessKey),
  secretAccessKey: toText(secretKey),
  ...(textOf(sessionToken) === "" ? {} : { sessionToken: textOf(sessionToken) }),
});

const nameOf = (pair: string): string => splitOnce(pair, "=")[0];

function splitOnce(text: string, separator: string): [head: string, tail?: string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

const bodyHash = ({ body }: SignableRequest): HeaderList =>
  body && body.bytes.length > 0
    ? [["X-Amz-Content-Sha256", createHash("sha256").update(body.bytes).digest("hex")]]
    : [];

/** Values of one name belong together, as AWS counts them. */
function byName(headers: HeaderList): Record<string, string> {
  const named: Record<string, string> = {};
  const names = new Map<string, string>();
  for (const [name, value] of headers) {
    const known = names.get(name.toLowerCase());
    if (known === undefined) named[name] = value;
    else named[known] += `,${value}`;
    names.set(name.toLowerCase(), known ?? name);
  }
  return named;
}

const addedHeaders = (headers: Record<string, unknown>): HeaderList =>
  Object.entries(headers).flatMap(([name, value]): HeaderList =>
    ownHeaders.includes(name.toLowerCase()) ? [[name, toText(value)]] : [],
  );

function addedParameters(
  signedPath: string,
  known: Set<string>,
): [name: string, value: string | undefined][] {
  const pairs = (splitOnce(signedPath, "?")[1] ?? "").split("&").map((pair) => splitOnce(pair, "="));
  return pairs.flatMap(([name, value]): [string, string | undefined][] =>
    name.startsWith("X-Amz-") && !known.has(name) ? [[name, value]] : [],
  );
}
