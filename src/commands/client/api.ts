import type { Command } from "commander";

import { createApiClient, type ApiClient, type ApiClientOptions } from "../../lib/api-client.ts";
import { parseHttpUrl } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { readCertificates } from "../../runner/certificates.ts";
import { readCredentials } from "./credentials.ts";

/** Options of every command that talks to a control plane. */
export interface ClientOptions {
  server?: string;
  apiKey?: string;
  sslExtraCaCerts?: string;
  json?: true;
}

export const withClientOptions = (command: Command): Command =>
  command
    .option("--server <url>", "address of the control plane; default: where you are logged in")
    .option("--api-key <key>", "API key; default: the one you logged in with")
    .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
    .option("--json", "print JSON for programs");

export const openApi = async (
  options: ClientOptions,
  settings: Pick<ApiClientOptions, "userAgent"> = {},
): Promise<ApiClient> => createApiClient({ ...(await findConnection(options)), ...settings });

/** Flags and environment first, then the stored login. A stored key goes to its own server only. */
export async function findConnection(options: ClientOptions): Promise<ApiClientOptions> {
  const stored = options.server && options.apiKey ? undefined : await readCredentials();
  const server = options.server ? parseHttpUrl(options.server, "--server") : stored?.server;
  if (!server) throw notLoggedIn("You are not logged in");
  const apiKey = options.apiKey ?? (stored?.server === server ? stored.apiKey : undefined);
  if (!apiKey) throw notLoggedIn(`There is no API key for ${server}`);
  const extraCaCerts = options.sslExtraCaCerts ? await readCertificates(options.sslExtraCaCerts) : undefined;
  return { server, apiKey, ...(extraCaCerts && { extraCaCerts }) };
}

const notLoggedIn = (what: string): AppError =>
  new AppError(
    "usage",
    `${what}: use login --server URL --with-api-key KEY, or give --server and --api-key.`,
  );
