import { resolve } from "node:path";

import { createFileSource, type FileSource } from "../../engine/files.ts";
import {
  everyUrl,
  readClientCertificates,
  type ClientCertificate,
} from "../../engine/http/client-certificates.ts";
import type { ConnectionOptions } from "../../engine/http/route.ts";
import { parseProxyUrl, readEnvironment } from "../../lib/config.ts";
import { AppError, toError } from "../../lib/errors.ts";
import { readCertificates } from "../../runner/certificates.ts";
import { readBytes, readJson } from "../client/documents.ts";
import type { CollectionRunOptions } from "./run-options.ts";

/** How this machine reaches the network: further authorities, client certificates, proxies. */
export async function readConnection(options: CollectionRunOptions): Promise<ConnectionOptions> {
  const { httpProxy, httpsProxy, noProxy } = readEnvironment();
  const clientCertificates = [...(await readList(options)), ...(await readSingle(options))];
  return {
    ...(options.sslExtraCaCerts && { extraCaCerts: await readCertificates(options.sslExtraCaCerts) }),
    ...(clientCertificates.length > 0 && { clientCertificates }),
    ...(httpProxy && { httpProxy: parseProxyUrl(httpProxy, "HTTP_PROXY") }),
    ...(httpsProxy && { httpsProxy: parseProxyUrl(httpsProxy, "HTTPS_PROXY") }),
    ...(noProxy && { noProxy }),
  };
}

/** Files that requests send: like Postman from anywhere, unless it is told not to. */
export const openFiles = ({ workingDir, insecureFileRead }: CollectionRunOptions): FileSource =>
  createFileSource({ workingDir: resolve(workingDir ?? "."), allowOutside: insecureFileRead });

async function readList({
  sslClientCertList,
  workingDir,
}: CollectionRunOptions): Promise<ClientCertificate[]> {
  if (sslClientCertList === undefined) return [];
  const list = await readJson(sslClientCertList);
  try {
    return await readClientCertificates(list, (path) => readBytes(resolve(workingDir ?? ".", path)));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      "bad_request",
      `${sslClientCertList}: ${toError(error).message.replaceAll("\n", " ")}.`,
    );
  }
}

/** The certificate for every server that the list has none for. */
async function readSingle(options: CollectionRunOptions): Promise<ClientCertificate[]> {
  const { sslClientCert, sslClientKey, sslClientPassphrase } = options;
  if (sslClientCert === undefined) {
    if (sslClientKey === undefined && sslClientPassphrase === undefined) return [];
    throw new AppError("usage", "--ssl-client-key and --ssl-client-passphrase need --ssl-client-cert.");
  }
  return [
    {
      matches: [everyUrl],
      cert: await readBytes(sslClientCert),
      key: await readBytes(sslClientKey ?? sslClientCert),
      ...(sslClientPassphrase !== undefined && { passphrase: sslClientPassphrase }),
    },
  ];
}
