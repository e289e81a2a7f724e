import { createHash, randomBytes } from "node:crypto";

import type { HttpResponse } from "../http/client.ts";
import {
  SignError,
  type AuthContext,
  type AuthParameters,
  type AuthResult,
  type AuthType,
  type SignableRequest,
} from "./auth-type.ts";
import { challengeParameters, challengesOf, isUnauthorized } from "./challenge.ts";
import { textOf } from "./parameters.ts";

/**
 * RFC 7616 and 2617. Without a challenge the request goes out unsigned; the 401 brings one, and the request goes out
 * again with the answer. Later steps that inherit the auth answer the same challenge at once, counting on.
 */
export const digest: AuthType = { sign, onResponse };

const hashes: Record<string, string> = {
  MD5: "md5",
  "MD5-sess": "md5",
  "SHA-256": "sha256",
  "SHA-256-sess": "sha256",
  "SHA-512-256": "sha512-256",
  "SHA-512-256-sess": "sha512-256",
};

function sign(parameters: AuthParameters, request: SignableRequest, context: AuthContext): AuthResult {
  const learned = learnedFor(request, context);
  const find = (name: string) => textOf(parameters[name]) || (learned?.parameters[name] ?? "");
  const username = find("username");
  const realm = find("realm");
  const nonce = find("nonce");
  if (nonce === "" || realm === "" || username === "") return {};
  const algorithm = find("algorithm") || "MD5";
  const hashName = Object.hasOwn(hashes, algorithm) ? hashes[algorithm] : undefined;
  if (hashName === undefined)
    throw new SignError(`Unsupported digest algorithm: ${algorithm}`, ["authorization"]);
  const answer = {
    username,
    realm,
    nonce,
    algorithm,
    hashName,
    password: find("password"),
    qop: find("qop"),
    opaque: find("opaque"),
    cnonce: find("clientNonce"),
    nonceCount: textOf(parameters["nonceCount"]) || (learned ? countText(learned.nonceCount) : ""),
  };
  return { headers: [["Authorization", digestHeader(answer, request)]] };
}

interface Answer {
  username: string;
  password: string;
  realm: string;
  nonce: string;
  algorithm: string;
  hashName: string;
  qop: string;
  opaque: string;
  cnonce: string;
  nonceCount: string;
}

function digestHeader(answer: Answer, request: SignableRequest): string {
  const { username, password, realm, nonce, algorithm, hashName, qop, opaque, cnonce, nonceCount } = answer;
  const hash = (data: string | Uint8Array) => createHash(hashName).update(data).digest("hex");
  const uri = request.url.path;
  const secret = `${username}:${realm}:${password}`;
  const isSession = algorithm.endsWith("-sess");
  const hashA1 = hash(isSession ? `${hash(secret)}:${nonce}:${cnonce}` : secret);
  const hasQop = qop === "auth" || qop === "auth-int";
  const bodyHash = qop === "auth-int" ? `:${hash(request.body?.bytes ?? "")}` : "";
  const hashA2 = hash(`${request.method}:${uri}${bodyHash}`);
  const middle = hasQop ? `${nonce}:${nonceCount}:${cnonce}:${qop}` : nonce;
  const parts = [
    `username="${username}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${uri}"`,
    `algorithm="${algorithm}"`,
  ];
  if (hasQop) parts.push(`qop=${qop}`);
  if ((hasQop || isSession) && nonceCount !== "") parts.push(`nc=${nonceCount}`);
  if (hasQop || isSession) parts.push(`cnonce="${cnonce}"`);
  parts.push(`response="${hash(`${hashA1}:${middle}:${hashA2}`)}"`);
  if (opaque !== "") parts.push(`opaque="${opaque}"`);
  return `Digest ${parts.join(", ")}`;
}

function onResponse(
  response: HttpResponse,
  parameters: AuthParameters,
  request: SignableRequest,
  context: AuthContext,
): { again: boolean } {
  if (parameters["disableRetryRequest"]) return { again: false };
  const challenge = isUnauthorized(response) ? chooseChallenge(response, parameters) : undefined;
  const learned = learnedFor(request, context);
  if (!challenge) {
    if (learned) learned.nonceCount++;
    return { again: false };
  }
  // The user's own nonce and realm stand; a second refusal in one step means wrong credentials.
  const isOwn = textOf(parameters["nonce"]) !== "" && textOf(parameters["realm"]) !== "";
  if (isOwn || context.leg > 0) return { again: false };
  context.memory.digest = {
    origin: originOf(request),
    parameters: { ...challenge, clientNonce: randomBytes(6).toString("base64url") },
    nonceCount: 1,
  };
  return { again: true };
}

/** What the server asks for, under the names of Postman's parameters. */
function chooseChallenge(
  response: HttpResponse,
  parameters: AuthParameters,
): Record<string, string> | undefined {
  const challenges = challengesOf(response, "digest").map(challengeParameters);
  const wanted = textOf(parameters["algorithm"]).toLowerCase();
  const chosen =
    challenges.find(({ algorithm = "MD5" }) => algorithm.toLowerCase() === wanted) ?? challenges[0];
  if (!chosen) return undefined;
  const { nonce = "", realm = "", opaque = "", qop = "", algorithm = "" } = chosen;
  const known = Object.keys(hashes).find((name) => name.toLowerCase() === algorithm.toLowerCase());
  return { nonce, realm, opaque, qop: chooseQop(qop), algorithm: known ?? algorithm };
}

/** A server may offer a list. */
function chooseQop(offer: string): string {
  const offers = offer.split(",").map((text) => text.trim());
  return offers.find((text) => text === "auth") ?? offers.find((text) => text === "auth-int") ?? "";
}

const learnedFor = (request: SignableRequest, { memory }: AuthContext) =>
  memory.digest?.origin === originOf(request) ? memory.digest : undefined;

const originOf = ({ url }: SignableRequest): string => `${url.protocol}//${url.host}`;

const countText = (count: number): string => count.toString(16).padStart(8, "0");
