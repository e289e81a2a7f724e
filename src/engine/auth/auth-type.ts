import type { HttpRequest, HttpResponse, HttpResult, SendOptions } from "../http/client.ts";
import type { Secret } from "../redact.ts";
import type { HeaderList } from "../types.ts";
import type { EncodedUrl } from "../url-encode.ts";

/** Parameters of an auth with variables resolved, under the names that Postman gives them. */
export type AuthParameters = Record<string, unknown>;

/** A request as it goes out if nothing is signed: what a signature covers. */
export interface SignableRequest {
  method: string;
  /** Percent-encoded unless the request switches that off. */
  url: EncodedUrl;
  /** False: the URL goes out as it was written. */
  encodesUrl: boolean;
  /** The user's own, in order; what the program adds itself comes later. */
  headers: HeaderList;
  /** What is really sent; undefined = no body. */
  body: { bytes: Uint8Array; contentType: string } | undefined;
  /** The body is an urlencoded form, which may be empty. */
  isForm: boolean;
}

/** What an auth type changes in a request. */
export interface AuthResult {
  /** Replace namesakes, whatever their case. */
  headers?: HeaderList;
  /** Headers to take out, in lower case. */
  withoutHeaders?: string[];
  /** Parameters of the URL to take out. */
  withoutQuery?: string[];
  /** The whole query of the URL, percent-encoded, without `?`. */
  encodedQuery?: string;
  /** Added to the query; they replace namesakes. Without a value only the name is written. */
  query?: [name: string, value: string | undefined][];
  /** The whole body of an urlencoded form. */
  formBody?: string;
  /** For the step's console. */
  warning?: string;
  /** All legs go over one connection, which nothing else uses. */
  connection?: NonNullable<SendOptions["privateConnection"]>;
}

/** What an auth of a document has learned in this run: steps that inherit it go on from there. */
export interface AuthMemory {
  digest?: {
    /** Challenges are good for the server that made them. */
    origin: string;
    parameters: Record<string, string>;
    nonceCount: number;
  };
  ntlm?: {
    connectionName: string;
    /** What the next leg carries. */
    message?: string;
  };
}

export interface AuthContext {
  memory: AuthMemory;
  /** Access tokens of this run. */
  tokens: TokenCache;
  refreshTokens: RefreshTokens;
  /** 0 for the first request of a step, 1 for the answer to a challenge, … */
  leg: number;
  now: () => Date;
  /** Told what must not be shown from now on. */
  onSecret: (secret: Secret) => void;
  /** Through the same proxies, gate and limits as the request itself. */
  send: (request: HttpRequest) => Promise<HttpResult>;
}

export interface AccessToken {
  text: string;
  /** Absent when the server gave none, or the one that was used is still good. */
  refreshToken: string | undefined;
  /** `performance.now()`; Infinity = for as long as the run lasts. */
  validUntil: number;
}

export type TokenCache = Map<string, Promise<AccessToken>>;

/** What came of one refresh token in this run: a server that rotates them takes none but the newest. */
export interface RefreshChain {
  newest: string;
  /** Settles, never rejects, when the refresh under way is over: two at once would use one token twice. */
  turn: Promise<unknown>;
}

/** By every refresh token of the chain, with its URL and client. */
export type RefreshTokens = Map<string, RefreshChain>;

export type Sign = (
  parameters: AuthParameters,
  request: SignableRequest,
  context: AuthContext,
) => AuthResult | Promise<AuthResult>;

/** What a response means for the authorization: `again` asks to sign and send once more. */
export interface Verdict {
  again: boolean;
  warning?: string;
}

export interface AuthType {
  /** Throws `SignError` for parameters that cannot be used: the request then goes out unsigned, with a warning. */
  sign: Sign;
  onResponse?(
    response: HttpResponse,
    parameters: AuthParameters,
    request: SignableRequest,
    context: AuthContext,
  ): Verdict;
}

/** Parameters that cannot be used. As in Postman, people are warned and the request goes out without a signature. */
export class SignError extends Error {
  override readonly name = "SignError";
  readonly withoutHeaders: string[];

  constructor(message: string, withoutHeaders: string[] = []) {
    super(message);
    this.withoutHeaders = withoutHeaders;
  }
}
