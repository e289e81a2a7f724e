import { constants } from "node:crypto";
import {
  createSecureContext,
  rootCertificates,
  type SecureContext,
  type SecureContextOptions,
} from "node:tls";

import { toError } from "../../lib/errors.ts";
import type { EncodedUrl } from "../url-encode.ts";
import { toMatcher, type ClientCertificate } from "./client-certificates.ts";
import { codeOf, HttpError } from "./errors.ts";

/** `auto` takes HTTP/2 where the server offers it; without TLS it is always HTTP/1.1, as in Postman. */
export type ProtocolVersion = "http1" | "http2" | "auto";

/** What a request asks of TLS. */
export interface TlsBehavior {
  /** Names of OpenSSL: `TLSv1_2`. */
  disabledProtocols: string[];
  /** Names of OpenSSL in order of preference; empty = the built-in ones. */
  ciphers: string[];
}

export interface TlsSettings {
  secureContext?: SecureContext;
  rejectUnauthorized: boolean;
  /** What is offered, best first. Only `h2` = a server without HTTP/2 is refused. */
  protocols: string[];
}

export interface TlsWishes {
  strictSsl: boolean;
  protocolVersion?: ProtocolVersion;
  tls?: TlsBehavior;
}

export interface TlsChoice {
  settings: TlsSettings;
  /** Connections made with equal keys are interchangeable. */
  key: string;
}

/** Behaviors come from documents, so their number has to have an end. */
const MAX_CONTEXTS = 200;

const offers: Record<ProtocolVersion, string[]> = {
  http1: ["http/1.1"],
  http2: ["h2"],
  auto: ["h2", "http/1.1"],
};

/**
 * Decides how to speak TLS with a server. Contexts are made once and kept: reading the built-in certificates takes
 * milliseconds. Throws for certificates that cannot be used.
 */
export function createTlsChooser(extraCaCerts: string[], certificates: ClientCertificate[]) {
  const contexts = new Map<string, SecureContext>();
  const clients = certificates.map((certificate, index) => ({
    certificate,
    index,
    isFor: toMatcher(certificate.matches),
  }));

  const makeContext = (certificate: ClientCertificate | undefined, behavior: TlsBehavior | undefined) => {
    const { key, cert, pfx, passphrase } = certificate ?? {};
    return createSecureContext({
      ca: [...rootCertificates, ...extraCaCerts],
      ...asBuffers({ key, cert, pfx }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(behavior ? behaviorOptions(behavior) : {}),
    });
  };
  if (extraCaCerts.length > 0) contexts.set("", makeContext(undefined, undefined));
  for (const { certificate, index } of clients) {
    try {
      contexts.set(`client ${index}`, makeContext(certificate, undefined));
    } catch (error) {
      const name = certificate.name ?? certificate.matches.join(", ");
      throw new Error(`the client certificate for ${name} cannot be used: ${toError(error).message}`, {
        cause: error,
      });
    }
  }

  return (url: EncodedUrl, wishes: TlsWishes): TlsChoice => {
    const { strictSsl, protocolVersion = "http1", tls } = wishes;
    const client = clients.find(({ isFor }) => isFor(url));
    const contextKey = [client ? `client ${client.index}` : "", tls ? JSON.stringify(tls) : ""]
      .filter((part) => part !== "")
      .join(" ");
    let secureContext = contexts.get(contextKey);
    if (!secureContext && tls) {
      secureContext = madeOfWishes(() => makeContext(client?.certificate, tls));
      if (contexts.size < MAX_CONTEXTS) contexts.set(contextKey, secureContext);
    }
    return {
      settings: {
        rejectUnauthorized: strictSsl,
        protocols: offers[protocolVersion],
        ...(secureContext ? { secureContext } : {}),
      },
      key: [strictSsl ? "" : "insecure", protocolVersion === "http1" ? "" : protocolVersion, contextKey]
        .filter((part) => part !== "")
        .join(" "),
    };
  };
}

function asBuffers(
  parts: Record<"key" | "cert" | "pfx", string | Uint8Array | undefined>,
): SecureContextOptions {
  const options: SecureContextOptions = {};
  for (const name of ["key", "cert", "pfx"] as const) {
    const part = parts[name];
    if (part !== undefined) options[name] = Buffer.from(part);
  }
  return options;
}

const disablers: Record<string, number> = {
  SSLv2: constants.SSL_OP_NO_SSLv2,
  SSLv3: constants.SSL_OP_NO_SSLv3,
  TLSv1: constants.SSL_OP_NO_TLSv1,
  TLSv1_1: constants.SSL_OP_NO_TLSv1_1,
  TLSv1_2: constants.SSL_OP_NO_TLSv1_2,
  TLSv1_3: constants.SSL_OP_NO_TLSv1_3,
};

function behaviorOptions({ disabledProtocols, ciphers }: TlsBehavior): SecureContextOptions {
  const secureOptions = disabledProtocols.reduce((bits, name) => bits | (disablers[name] ?? 0), 0);
  return {
    ...(secureOptions === 0 ? {} : { secureOptions }),
    ...(ciphers.length === 0 ? {} : { ciphers: ciphers.join(":") }),
  };
}

function madeOfWishes(make: () => SecureContext): SecureContext {
  try {
    return make();
  } catch (error) {
    throw new HttpError(
      "request",
      `the TLS settings of this request cannot be used: ${toError(error).message}`,
      codeOf(error),
    );
  }
}
