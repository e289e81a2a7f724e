import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createSecureContext, rootCertificates } from "node:tls";

import { readClientCertificates, type ClientCertificate } from "../engine/http/client-certificates.ts";
import { AppError, toError } from "../lib/errors.ts";

/** TLS options that trust the built-in authorities and more; a list that is given replaces the built-in one. */
export const trusting = (extra: string[] | undefined): { ca?: string[] } =>
  extra ? { ca: [...rootCertificates, ...extra] } : {};

/** The certificates of a PEM file, each on its own. Throws one sentence when it is missing or holds none. */
export async function readCertificates(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw unusable(path, toError(error).message, error);
  });
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g);
  if (!blocks) throw unusable(path, "it contains no PEM certificate");
  for (const [index, block] of blocks.entries()) {
    try {
      void new X509Certificate(block);
    } catch (error) {
      throw unusable(path, `certificate ${index + 1} in it is damaged`, error);
    }
  }
  return blocks;
}

const unusable = (path: string, why: string, cause?: unknown): AppError =>
  new AppError(
    "unavailable",
    `The certificate file ${path} cannot be used (${why}); give a readable PEM file with --ssl-extra-ca-certs.`,
    { cause },
  );

/**
 * The client certificates of a list in Postman's format, checked as far as that goes without a server: files are there,
 * keys open and belong to their certificates. Relative paths in it begin at the working directory, as in Postman.
 * Throws one sentence with the file and what is wrong with it.
 */
export async function readClientCertificateList(path: string): Promise<ClientCertificate[]> {
  try {
    const list: unknown = JSON.parse(await readFile(path, "utf8"));
    const certificates = await readClientCertificates(list, readNamedFile);
    for (const certificate of certificates) checkClientCertificate(certificate);
    return certificates;
  } catch (error) {
    const why = toError(error).message.replaceAll("\n", " ");
    throw new AppError(
      "unavailable",
      `The list of client certificates ${path} cannot be used (${why}); --ssl-client-cert-list takes a JSON list in Postman's format.`,
      { cause: error },
    );
  }
}

const readNamedFile = async (path: string): Promise<Uint8Array> => {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`${path}: ${toError(error).message}`, { cause: error });
  }
};

function checkClientCertificate({ name, matches, cert, key, pfx, passphrase }: ClientCertificate): void {
  const shown = name ?? matches.join(", ");
  try {
    if (pfx) return void createSecureContext({ pfx: Buffer.from(pfx), ...(passphrase && { passphrase }) });
    if (!cert || !key) throw new Error(`it has no ${cert ? "key" : "cert"}`);
    const privateKey = createPrivateKey({ key: Buffer.from(key), ...(passphrase && { passphrase }) });
    if (new X509Certificate(Buffer.from(cert)).checkPrivateKey(privateKey)) return;
  } catch (error) {
    throw new Error(`the certificate for ${shown}: ${toError(error).message}`, { cause: error });
  }
  throw new Error(`the certificate for ${shown}: its key belongs to another certificate`);
}
