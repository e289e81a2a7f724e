import { systemClock, type Clock } from "../../lib/clock.ts";
import { toError } from "../../lib/errors.ts";
import type { HttpRequest, HttpResponse, HttpResult } from "../http/client.ts";
import { HttpError } from "../http/errors.ts";
import { toText, type JsonObject } from "../json.ts";
import type { Secret } from "../redact.ts";
import type { Resolve } from "../variables.ts";
import { apikey } from "./apikey.ts";
import { asap } from "./asap.ts";
import { AuthError } from "./auth-error.ts";
import {
  SignError,
  type AuthContext,
  type AuthMemory,
  type AuthParameters,
  type AuthResult,
  type AuthType,
  type RefreshTokens,
  type SignableRequest,
  type TokenCache,
  type Verdict,
} from "./auth-type.ts";
import { awsv4 } from "./awsv4.ts";
import { basic } from "./basic.ts";
import { bearer } from "./bearer.ts";
import { digest } from "./digest.ts";
import { edgegrid } from "./edgegrid.ts";
import { hawk } from "./hawk.ts";
import { jwt } from "./jwt.ts";
import { ntlm } from "./ntlm.ts";
import { oauth1 } from "./oauth1.ts";
import { oauth2 } from "./oauth2.ts";
import { readParameters } from "./parameters.ts";

/** One file per type of Postman; what is missing here is refused by name, never left out silently. */
const types: Record<string, AuthType> = {
  noauth: { sign: () => ({}) },
  basic: { sign: basic },
  bearer: { sign: bearer },
  apikey: { sign: apikey },
  asap: { sign: asap },
  awsv4: { sign: awsv4 },
  digest,
  edgegrid: { sign: edgegrid },
  hawk: { sign: hawk },
  jwt: { sign: jwt },
  ntlm,
  oauth1: { sign: oauth1 },
  oauth2: { sign: oauth2 },
};

/** What the authorizations of one run share. */
export interface AuthSession {
  /** What `owner`, the `auth` of a document, has learned in this run. */
  memoryOf(owner: object): AuthMemory;
  tokens: TokenCache;
  refreshTokens: RefreshTokens;
  onSecret: (secret: Secret) => void;
  clock: Clock;
}

interface AuthSessionOptions {
  /** Told each credential that the run fetches. */
  onSecret?: ((secret: Secret) => void) | undefined;
  clock?: Clock;
}

export function createAuthSession({
  onSecret = () => {},
  clock = systemClock,
}: AuthSessionOptions = {}): AuthSession {
  const memories = new WeakMap<object, AuthMemory>();
  return {
    memoryOf: (owner) => {
      const known = memories.get(owner) ?? {};
      memories.set(owner, known);
      return known;
    },
    tokens: new Map(),
    refreshTokens: new Map(),
    onSecret,
    clock,
  };
}

/** Signs the legs of one request. */
export interface Authorizer {
  sign(request: SignableRequest): Promise<AuthResult>;
  /** Says whether to sign and send once more. */
  judge(response: HttpResponse, request: SignableRequest): Verdict;
}

interface AuthorizerOptions {
  session: AuthSession;
  /** Whose memory this is; see `AuthSession`. */
  owner: object;
  resolve: Resolve;
  send: (request: HttpRequest) => Promise<HttpResult>;
}

/** Challenges answered for one request at most: no server needs more. */
const MAX_LEGS = 4;

/** Undefined for an `auth` that asks for nothing. A type that does not exist signs nothing, and people are warned. */
export function createAuthorizer(
  auth: JsonObject | undefined,
  { session, owner, resolve, send }: AuthorizerOptions,
): Authorizer | undefined {
  if (auth === undefined) return undefined;
  const name = toText(auth["type"]);
  if (name === "noauth") return undefined;
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (!type) return unknownType(name);
  const parameters = readParameters(auth, resolve);
  const context: AuthContext = {
    memory: session.memoryOf(owner),
    tokens: session.tokens,
    refreshTokens: session.refreshTokens,
    onSecret: session.onSecret,
    leg: 0,
    now: () => session.clock.now(),
    send,
  };
  return {
    sign: (request) => signOrWarn(name, type, [parameters, request, context]),
    judge: (response, request) => {
      const verdict = type.onResponse?.(response, parameters, request, context) ?? { again: false };
      context.leg++;
      const warning =
        verdict.warning === undefined ? {} : { warning: `runtime~${name}.auth: ${verdict.warning}` };
      return { again: verdict.again && context.leg < MAX_LEGS, ...warning };
    },
  };
}

/** As in Postman, which says so before the request and after it. */
function unknownType(name: string): Authorizer {
  const warning = `runtime: could not find a handler for auth: ${name}`;
  return {
    sign: () => Promise.resolve({ warning }),
    judge: () => ({ again: false, warning }),
  };
}

async function signOrWarn(
  name: string,
  type: AuthType,
  input: [parameters: AuthParameters, request: SignableRequest, context: AuthContext],
): Promise<AuthResult> {
  try {
    return await type.sign(...input);
  } catch (error) {
    if (error instanceof AuthError || error instanceof HttpError) throw error;
    return {
      warning: `runtime~${name}.auth: could not sign the request: ${toError(error).message}`,
      withoutHeaders: error instanceof SignError ? error.withoutHeaders : [],
    };
  }
}
