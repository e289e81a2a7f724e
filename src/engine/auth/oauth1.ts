import { createHash } from "node:crypto";

import type { AuthParameters, AuthResult, Sign, SignableRequest } from "./auth-type.ts";
import { SignError } from "./auth-type.ts";
import { decodePairs, encodePairs, percentEncode, signMessage, type Pair } from "./oauth1-signature.ts";
import { textOf } from "./parameters.ts";
import { randomText } from "./random.ts";

const ownNames = new Set([
  "oauth_consumer_key",
  "oauth_token",
  "oauth_signature_method",
  "oauth_timestamp",
  "oauth_nonce",
  "oauth_version",
  "oauth_signature",
  "oauth_callback",
  "oauth_verifier",
  "oauth_body_hash",
]);

/** RFC 5849, in a header, in an urlencoded body or in the query. */
export const oauth1: Sign = (parameters, request, { now }) => {
  const text = (name: string) => textOf(parameters[name]);
  const isRsa = text("signatureMethod").toUpperCase().startsWith("RSA");
  if (text("consumerKey") === "" || text(isRsa ? "privateKey" : "consumerSecret") === "") return {};
  const query = withoutOwn(decodedQuery(request));
  const form = request.isForm ? withoutOwn(formPairs(request.body?.bytes)) : undefined;
  const seconds = String(Math.floor(now().getTime() / 1000));
  const own = ownPairs(parameters, seconds, bodyHash(parameters, request));
  const signature = signMessage(
    {
      method: request.method,
      url: `${request.url.protocol}//${request.url.host}${request.url.path.split("?", 1)[0] ?? ""}`,
      pairs: [...query, ...own, ...(form ?? [])],
    },
    {
      method: text("signatureMethod") || "HMAC-SHA1",
      consumerSecret: text("consumerSecret"),
      tokenSecret: text("tokenSecret"),
      privateKey: text("privateKey"),
    },
  );
  return place([...own, ["oauth_signature", signature]], parameters, request, { query, form });
};

const withoutOwn = (pairs: Pair[]): Pair[] => pairs.filter(([name]) => !ownNames.has(name));

function decodedQuery({ url }: SignableRequest): Pair[] {
  const start = url.path.indexOf("?");
  try {
    return start === -1 ? [] : decodePairs(url.path.slice(start + 1));
  } catch {
    throw new SignError("URI malformed", ["authorization"]);
  }
}

const formPairs = (bytes: Uint8Array = new Uint8Array()): Pair[] =>
  decodePairs(Buffer.from(bytes).toString());

/** In the order in which Postman writes them. Empty ones are left out unless the user wants them signed. */
function ownPairs(parameters: AuthParameters, seconds: string, hash: string): Pair[] {
  const addsEmpty = Boolean(parameters["addEmptyParamsToSign"]);
  const text = (name: string): string | undefined => {
    const value = textOf(parameters[name]);
    if (value.trim() !== "") return value;
    return addsEmpty && parameters[name] !== undefined ? value : undefined;
  };
  const always: Pair[] = [
    ["oauth_consumer_key", text("consumerKey")],
    ["oauth_token", text("token")],
    ["oauth_signature_method", text("signatureMethod")],
    ["oauth_timestamp", textOf(parameters["timestamp"]) || seconds],
    ["oauth_nonce", textOf(parameters["nonce"]) || randomText(11)],
    ["oauth_version", text("version")],
  ];
  // Servers that know nothing of these extensions must not meet them empty.
  const extensions: Pair[] = [
    ["oauth_body_hash", hash],
    ["oauth_callback", text("callback")],
    ["oauth_verifier", text("verifier")],
  ];
  return [
    ...always.filter(([, value]) => addsEmpty || value !== undefined),
    ...extensions.filter(([, value]) => value),
  ];
}

/** Of bodies that are no form: the fields of a form are signed one by one. */
function bodyHash(
  { includeBodyHash, signatureMethod }: AuthParameters,
  { body, isForm }: SignableRequest,
): string {
  const hashName = textOf(signatureMethod).split("-")[1] ?? "";
  if (!includeBodyHash || hashName === "" || isForm) return "";
  try {
    return createHash(hashName)
      .update(body?.bytes ?? "")
      .digest("base64");
  } catch {
    throw new SignError("Digest method not supported", ["authorization"]);
  }
}

function place(
  own: Pair[],
  { addParamsToHeader, realm, disableHeaderEncoding }: AuthParameters,
  request: SignableRequest,
  { query, form }: { query: Pair[]; form: Pair[] | undefined },
): AuthResult {
  // The scheme wants the query in its own encoding, unless the user wants the URL as it is written.
  const keepsQuery = !request.encodesUrl || !/\?./.test(request.url.path);
  const result: AuthResult = {
    withoutHeaders: ["authorization"],
    ...(keepsQuery ? {} : { encodedQuery: encodePairs(query) }),
  };
  if (addParamsToHeader) {
    const header = headerText(textOf(realm), own, Boolean(disableHeaderEncoding));
    return { ...result, headers: [["Authorization", header]] };
  }
  if (form && /PUT|POST/.test(request.method))
    return { ...result, formBody: encodePairs([...form, ...own.map(filled)]) };
  if (!request.encodesUrl) return { ...result, query: own };
  return { ...result, query: own.map(encoded) };
}

const encoded = ([name, value]: Pair): Pair => [percentEncode(name), value && percentEncode(value)];

const filled = ([name, value]: Pair): Pair => [name, value ?? ""];

function headerText(realm: string, own: Pair[], isPlain: boolean): string {
  const encode = isPlain ? (text: string) => text : percentEncode;
  const pairs = own.filter(([, value]) => value).map(([name, value = ""]) => [name, value.trim()] as const);
  const parts = pairs.map(([name, value]) => `${encode(name)}="${encode(value)}"`);
  return `OAuth ${[...(realm.trim() === "" ? [] : [`realm="${encode(realm)}"`]), ...parts].join(",")}`;
}
