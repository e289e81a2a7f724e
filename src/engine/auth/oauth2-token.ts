import { createHash } from "node:crypto";

import { VERSION } from "../../lib/version.ts";
import type { HttpRequest, HttpResponse } from "../http/client.ts";
import { HttpError } from "../http/errors.ts";
import { asObjects, isObject, toText, type JsonObject } from "../json.ts";
import type { HeaderList } from "../types.ts";
import { encodeUrl, UrlError } from "../url-encode.ts";
import { paramText, parseUrl } from "../url.ts";
import { AuthError } from "./auth-error.ts";
import type { AccessToken, AuthContext, AuthParameters } from "./auth-type.ts";
import { encodePairs, decodePairs, type Pair } from "./oauth1-signature.ts";
import { textOf } from "./parameters.ts";

/** A token is not used in the last moments of its life: it has to arrive, too. */
const MARGIN_MS = 10_000;
/** As much of a token endpoint's error as a person needs. */
const MAX_ERROR_CHARS = 300;

const grants: Record<string, string> = {
  client_credentials: "client_credentials",
  password_credentials: "password",
};

/** Something, and not the name of a variable that nobody set. */
const isGiven = (value: unknown): boolean => textOf(value) !== "" && !textOf(value).includes("{{");

const refreshUrl = (parameters: AuthParameters): string =>
  textOf(parameters["refreshTokenUrl"]) || textOf(parameters["accessTokenUrl"]);

/** A refresh token and where to take it. */
export const canRefresh = (parameters: AuthParameters): boolean =>
  isGiven(parameters["refreshToken"]) && isGiven(refreshUrl(parameters));

/** A grant that needs nobody in front of a browser. */
export const canFetch = (parameters: AuthParameters): boolean =>
  Object.hasOwn(grants, textOf(parameters["grant_type"])) && isGiven(parameters["accessTokenUrl"]);

/** Parameters that say what becomes of a token, not which one is asked for. */
const ofSending = new Set(["accessToken", "addTokenTo", "headerPrefix", "tokenName"]);

/** An access token that is good now, fetched once for all requests of a run that ask alike. */
export async function fetchedToken(parameters: AuthParameters, context: AuthContext): Promise<string> {
  const { tokens } = context;
  const asked = Object.entries(parameters).filter(([name]) => !ofSending.has(name));
  const key = createHash("sha256").update(JSON.stringify(asked)).digest("base64");
  const known = tokens.get(key);
  const current = await known?.catch(() => undefined);
  if (current && performance.now() < current.validUntil) return current.text;
  // Others may have begun to fetch one while we waited for the old one.
  const begun = tokens.get(key);
  if (begun && begun !== known) return (await begun).text;
  const fetching = canRefresh(parameters) ? refresh(parameters, context) : fetchToken(parameters, context);
  tokens.set(key, fetching);
  return (await fetching).text;
}

/** Goes on from the newest refresh token, whichever request of the run was given it. */
function refresh(parameters: AuthParameters, context: AuthContext): Promise<AccessToken> {
  const { refreshTokens } = context;
  const keyOf = (token: string) =>
    JSON.stringify([refreshUrl(parameters), textOf(parameters["clientId"]), token]);
  const first = textOf(parameters["refreshToken"]);
  const chain = refreshTokens.get(keyOf(first)) ?? { newest: first, turn: Promise.resolve() };
  refreshTokens.set(keyOf(first), chain);
  const fetching = chain.turn.then(async () => {
    const token = await fetchToken(parameters, context, chain.newest);
    chain.newest = token.refreshToken ?? chain.newest;
    // A script may hand a token on that came out of this chain.
    refreshTokens.set(keyOf(chain.newest), chain);
    return token;
  });
  chain.turn = fetching.catch(() => undefined);
  return fetching;
}

async function fetchToken(
  parameters: AuthParameters,
  { send, onSecret }: AuthContext,
  refreshToken?: string,
): Promise<AccessToken> {
  const result = await send(tokenRequest(parameters, refreshToken));
  if ("error" in result) {
    const { kind, message, code } = result.error;
    throw new HttpError(kind, `the OAuth 2.0 access token could not be fetched: ${message}`, code);
  }
  const token = readToken(result.response);
  onSecret({ name: "access_token", value: token.text });
  if (token.refreshToken !== undefined) onSecret({ name: "refresh_token", value: token.refreshToken });
  return token;
}

function tokenRequest(parameters: AuthParameters, refreshToken: string | undefined): HttpRequest {
  const isRefresh = refreshToken !== undefined;
  const extra = extraParameters(parameters[isRefresh ? "refreshRequestParams" : "tokenRequestParams"]);
  const body = [
    ...(isRefresh ? refreshFields(refreshToken) : grantFields(parameters)),
    ...clientFields(parameters),
    ...extra.body,
  ];
  return {
    method: "POST",
    url: tokenUrl(isRefresh ? refreshUrl(parameters) : textOf(parameters["accessTokenUrl"]), extra.url),
    headers: [
      ["Content-Type", "application/x-www-form-urlencoded"],
      ["Accept", "application/json"],
      ["User-Agent", `Sallyport/${VERSION}`],
      ...clientHeader(parameters),
      ...extra.headers,
    ],
    body: Buffer.from(encodePairs(body)),
    without: new Set(),
  };
}

function tokenUrl(text: string, parameters: [string, string][]): HttpRequest["url"] {
  const added = parameters.map(([key, value]) => paramText({ key, value })).join("&");
  try {
    return encodeUrl(parseUrl(added === "" ? text : `${text}${text.includes("?") ? "&" : "?"}${added}`));
  } catch (error) {
    if (error instanceof UrlError)
      throw new AuthError(`the URL of the OAuth 2.0 token is wrong: ${error.message}`);
    throw error;
  }
}

const refreshFields = (refreshToken: string): Pair[] => [
  ["grant_type", "refresh_token"],
  ["refresh_token", refreshToken],
];

const optional = (parameters: AuthParameters, ...names: string[]): Pair[] =>
  names.flatMap((name): Pair[] => (isGiven(parameters[name]) ? [[name, textOf(parameters[name])]] : []));

function grantFields(parameters: AuthParameters): Pair[] {
  const grant = textOf(parameters["grant_type"]);
  const account: Pair[] =
    grant === "password_credentials"
      ? [
          ["username", textOf(parameters["username"])],
          ["password", textOf(parameters["password"])],
        ]
      : [];
  return [
    ["grant_type", grants[grant]],
    ...account,
    ...optional(parameters, "scope", "audience", "resource"),
  ];
}

const sendsClientInBody = (parameters: AuthParameters): boolean =>
  textOf(parameters["client_authentication"] ?? parameters["clientAuth"]) === "body";

const clientFields = (parameters: AuthParameters): Pair[] =>
  !sendsClientInBody(parameters)
    ? []
    : [["client_id", textOf(parameters["clientId"])], ...clientSecret(parameters)];

const clientSecret = ({ clientSecret }: AuthParameters): Pair[] =>
  textOf(clientSecret) === "" ? [] : [["client_secret", textOf(clientSecret)]];

function clientHeader(parameters: AuthParameters): HeaderList {
  const id = textOf(parameters["clientId"]);
  if (sendsClientInBody(parameters) || id === "") return [];
  const credentials = Buffer.from(`${id}:${textOf(parameters["clientSecret"])}`).toString("base64");
  return [["Authorization", `Basic ${credentials}`]];
}

interface ExtraParameters {
  body: Pair[];
  url: [string, string][];
  headers: HeaderList;
}

/** `{key, value, enabled, send_as}`: Postman's "advanced" parameters of a token request. */
function extraParameters(list: unknown): ExtraParameters {
  const extra: ExtraParameters = { body: [], url: [], headers: [] };
  const entries: JsonObject[] = isObject(list)
    ? Object.entries(list).map(([key, value]) => ({ key, value }))
    : asObjects(list);
  for (const { key, value, enabled, send_as: target } of entries) {
    if (enabled === false || textOf(key) === "") continue;
    const pair: [string, string] = [textOf(key), toText(value ?? "")];
    if (target === "request_header") extra.headers.push(pair);
    else if (target === "request_url") extra.url.push(pair);
    else extra.body.push(pair);
  }
  return extra;
}

function readToken(response: HttpResponse): AccessToken {
  const text = response.body.toString("utf8");
  const answer = readAnswer(text);
  const token = textOf(answer["access_token"]);
  if (response.code >= 400 || token === "") throw new AuthError(refusal(response.code, answer, text));
  const expiresIn = Number(answer["expires_in"]);
  const lifeMs = answer["expires_in"] === undefined || !(expiresIn > 0) ? Infinity : expiresIn * 1000;
  return {
    text: token,
    refreshToken: textOf(answer["refresh_token"]) || undefined,
    validUntil: performance.now() + lifeMs - Math.min(MARGIN_MS, lifeMs / 10),
  };
}

/** JSON, or what older servers send: a form. */
function readAnswer(text: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : {};
  } catch {
    return readForm(text);
  }
}

function readForm(text: string): JsonObject {
  try {
    return Object.fromEntries(decodePairs(text));
  } catch {
    return {};
  }
}

function refusal(code: number, answer: JsonObject, text: string): string {
  const said = [textOf(answer["error"]), textOf(answer["error_description"])].filter((part) => part !== "");
  const detail = said.length > 0 ? said.join(": ") : text.trim().slice(0, MAX_ERROR_CHARS);
  const problem = code >= 400 ? `answered ${code}` : `answered ${code} without an access token`;
  return `the OAuth 2.0 token endpoint ${problem}${detail === "" ? "" : ` (${detail})`}`;
}
