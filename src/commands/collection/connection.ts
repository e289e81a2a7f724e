import { resolve } from "node:path";

import { createFileSource, type FileSource } from "../../engine/files.ts";
import { readEnvironment } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { readCertificates } from "../../runner/certificates.ts";
import type { CollectionRunOptions } from "./run-options.ts";

/** How this machine reaches the network: further authorities, proxies. */
export async function readConnection({ sslExtraCaCerts }: CollectionRunOptions) {
  const { httpProxy, httpsProxy, noProxy } = readEnvironment();
  return {
    ...(sslExtraCaCerts && { extraCaCerts: await readCertificates(sslExtraCaCerts) }),
    ...(httpProxy && { httpProxy }),
    ...(httpsProxy && { httpsProxy }),
    ...(noProxy && { noProxy }),
  };
}

/** Files that requests send: like Postman from anywhere, unless it is told not to. */
export const openFiles = ({ workingDir, insecureFileRead }: CollectionRunOptions): FileSource =>
  createFileSource({ workingDir: resolve(workingDir ?? "."), allowOutside: insecureFileRead });

/** Throws `usage` for what the engine cannot do yet. */
export function refuseMissingConnection(options: CollectionRunOptions): void {
  const asked: [string, boolean][] = [
    ["--ssl-client-cert-list", options.sslClientCertList !== undefined],
    ["--ssl-client-cert", options.sslClientCert !== undefined],
    ["--ssl-client-key", options.sslClientKey !== undefined],
    ["--ssl-client-passphrase", options.sslClientPassphrase !== undefined],
    ["--cookie-jar", options.cookieJar !== undefined],
    ["--export-cookie-jar", options.exportCookieJar !== undefined],
  ];
  for (const [flag, isAsked] of asked)
    if (isAsked) throw new AppError("usage", `${flag} does not work yet: run without it.`);
}
