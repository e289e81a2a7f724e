import { createHash } from "node:crypto";

import { startServer, type ReceivedRequest, type TestServer } from "../support.ts";

export interface DigestServer extends TestServer {
  /** Why each request was refused; "ok" for those that were not. */
  verdicts: string[];
  nonce: string;
}

export interface DigestSettings {
  algorithm?: string;
  qop?: string;
  password?: string;
  /** A nonce is good for one request. */
  changesNonce?: boolean;
  /** Replaces the challenge. */
  challenges?: string[];
}

const hashNames: Record<string, string> = { MD5: "md5", "SHA-256": "sha256", "SHA-512-256": "sha512-256" };

/** Believes nobody: computes every answer by itself (RFC 7616) and watches the counter. */
export async function startDigestServer(settings: DigestSettings = {}): Promise<DigestServer> {
  const { algorithm = "MD5", qop = "auth", password = "secret" } = settings;
  const counts = new Set<string>();
  const judge = (request: ReceivedRequest): string => {
    const { authorization } = request.headers;
    if (authorization === undefined) return "no answer";
    const found = Object.fromEntries(
      [...authorization.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, name = "", quoted, token]) => [
        name,
        quoted ?? token,
      ]),
    );
    if (found["nonce"] !== server.nonce) return "stale";
    const hash = (text: string) =>
      createHash(hashNames[algorithm.replace("-sess", "")] ?? "")
        .update(text)
        .digest("hex");
    const { nonce, nc, cnonce = "", response, uri, username, realm, opaque, qop: usedQop } = found;
    const secret = hash(`${username}:${realm}:${password}`);
    const a1 = algorithm.endsWith("-sess") ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
    const body = usedQop === "auth-int" ? `:${hash(request.body)}` : "";
    const a2 = hash(`${request.method}:${request.url}${body}`);
    const middle = usedQop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${usedQop}`;
    if (uri !== request.url) return "another uri";
    if (opaque !== "mirror") return "no opaque";
    if (usedQop !== undefined && counts.has(`${nonce} ${cnonce} ${nc}`)) return "replayed";
    counts.add(`${nonce} ${cnonce} ${nc}`);
    return response === hash(`${a1}:${middle}:${a2}`) ? "ok" : "wrong";
  };
  const plain = await startServer((request, response) => {
    const verdict = judge(request);
    server.verdicts.push(verdict);
    if (verdict === "ok" && settings.changesNonce) server.nonce += "+";
    if (verdict === "ok") {
      response.end("welcome");
      return;
    }
    const quality = qop === "" ? "" : `, qop="${qop}"`;
    const challenge = `Digest realm="a, b", nonce="${server.nonce}", opaque="mirror", algorithm=${algorithm}${quality}`;
    response.writeHead(401, { "www-authenticate": settings.challenges ?? [challenge] });
    response.end();
  });
  const server: DigestServer = Object.assign(plain, {
    verdicts: [],
    nonce: "first",
  });
  return server;
}
