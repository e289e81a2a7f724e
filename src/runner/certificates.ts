import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";

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
