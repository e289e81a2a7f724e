import type { Command } from "commander";

import type { ClientCertificate } from "../../engine/http/client-certificates.ts";
import { parseEgressRules, type EgressRules } from "../../engine/http/egress-rules.ts";
import { parseProxy } from "../../engine/http/proxy.ts";
import type { ConnectionOptions } from "../../engine/http/route.ts";
import { parseHttpUrl, parseProxyUrl, type Environment } from "../../lib/config.ts";
import { AppError, toError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { maskCredentials } from "../../lib/url-credentials.ts";
import { readCertificates, readClientCertificateList } from "../../runner/certificates.ts";

/** As commander gives them. */
export interface NetworkOptions {
  server?: string;
  proxy?: string;
  serverProxy?: string;
  egressProxy?: true;
  egressProxyAuthzUrl?: string;
  allow?: string[];
  deny?: string[];
  sslExtraCaCerts?: string;
  sslClientCertList?: string;
}

/** How a runner reaches what it talks to. */
export interface NetworkSettings {
  /** Proxies and certificates for the requests of collections. */
  connection: ConnectionOptions;
  /** Where those requests may go. */
  rules: EgressRules;
  /** Asked about each of them. */
  authorizationUrl: string | undefined;
  /** Proxy on the way to the control plane. */
  serverProxy: string | undefined;
  extraCaCerts: string[] | undefined;
  /** What its operator should know: said once, in the log. */
  warnings: string[];
}

const listed = (value: string, before: string[] = []): string[] => [
  ...before,
  ...value.split(/[\s,]+/).filter((part) => part !== ""),
];

export const addNetworkOptions = (command: Command): Command =>
  command
    .option(
      "--proxy <url>",
      "proxy for the requests of collections; default: HTTP_PROXY and HTTPS_PROXY, except for what NO_PROXY names",
    )
    .option("--server-proxy <url>", "proxy on the way to the control plane; default: none")
    .option("--egress-proxy", "ask an authorization service about every request")
    .option("--egress-proxy-authz-url <url>", "address of that service (also POSTMAN_RUNNER_AUTHZ_URL)")
    .option(
      "--allow <host or range>",
      "requests may go here, and then nowhere else: name, *.name, address, 10.0.0.0/8; repeatable, or with commas",
      listed,
    )
    .option(
      "--deny <host or range>",
      "requests may not go here, even where --allow says so; repeatable",
      listed,
    )
    .option("--ssl-extra-ca-certs <file>", "PEM file of further certificate authorities")
    .option(
      "--ssl-client-cert-list <file>",
      "JSON list of client certificates and the addresses they are for",
    );

/** Reads the options and every file that they name. Throws one sentence for what cannot be used. */
export async function readNetwork(
  options: NetworkOptions,
  environment: Environment,
): Promise<NetworkSettings> {
  const outbound = readOutbound(options, environment);
  const extraCaCerts = options.sslExtraCaCerts ? await readCertificates(options.sslExtraCaCerts) : undefined;
  const clientCertificates: ClientCertificate[] = options.sslClientCertList
    ? await readClientCertificateList(options.sslClientCertList)
    : [];
  return {
    connection: {
      ...outbound.proxies,
      ...(extraCaCerts && { extraCaCerts }),
      clientCertificates,
      noProxy: environment.noProxy ?? "",
    },
    rules: readRules(options),
    authorizationUrl: outbound.authorizationUrl,
    serverProxy: proxyUrl(options.serverProxy, "--server-proxy"),
    extraCaCerts,
    warnings: [...outbound.warnings, ...warnAboutServer(options, environment)],
  };
}

/** Only the part that leads to the control plane, for commands that send no request of a collection. */
export async function readServerWay({
  serverProxy,
  sslExtraCaCerts,
}: Pick<NetworkOptions, "serverProxy" | "sslExtraCaCerts">): Promise<{
  proxy?: string;
  extraCaCerts?: string[];
}> {
  const proxy = proxyUrl(serverProxy, "--server-proxy");
  return {
    ...(proxy !== undefined && { proxy }),
    ...(sslExtraCaCerts && { extraCaCerts: await readCertificates(sslExtraCaCerts) }),
  };
}

function warnAboutServer({ server = "", serverProxy }: NetworkOptions, environment: Environment): string[] {
  const { protocol, hostname } = URL.parse(server) ?? {};
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname ?? "");
  if (isHere) return [];
  const isProxied = (environment.httpProxy ?? environment.httpsProxy) !== undefined;
  return [
    ...(protocol === "http:"
      ? ["the runner's key and results travel unencrypted to an http:// control plane"]
      : []),
    ...(isProxied && serverProxy === undefined
      ? ["HTTP_PROXY and HTTPS_PROXY are not for calls to the control plane: that takes --server-proxy"]
      : []),
  ];
}

/** One line that says where requests of collections go, for whoever reads the log of a runner. */
export function logNetwork(
  { connection, rules, authorizationUrl, serverProxy }: NetworkSettings,
  log: Log,
): void {
  const { httpProxy, httpsProxy, noProxy } = connection;
  log.info("Network", {
    proxy: shown(httpProxy),
    ...(httpsProxy !== httpProxy && { httpsProxy: shown(httpsProxy) }),
    ...((httpProxy ?? httpsProxy) !== undefined && { noProxy: noProxy || undefined }),
    authorizationService: shown(authorizationUrl),
    allow: textOf(rules.allow),
    deny: textOf(rules.deny),
    serverProxy: shown(serverProxy),
  });
}

const shown = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : maskCredentials(url);

const textOf = (rules: { text: string }[]): string | undefined =>
  rules.length === 0 ? undefined : rules.map(({ text }) => text).join(" ");

interface Outbound {
  proxies: { httpProxy?: string; httpsProxy?: string };
  authorizationUrl: string | undefined;
  warnings: string[];
}

/** How requests of collections leave: directly, through a proxy, or past the authorization service. */
function readOutbound(options: NetworkOptions, environment: Environment): Outbound {
  if (options.egressProxy && options.proxy)
    throw new AppError(
      "usage",
      "Cannot use both --egress-proxy and --proxy: one is the built-in proxy, the other an external one.",
    );
  if (options.egressProxy) return readEgressProxy(options, environment);
  const given = proxyUrl(options.proxy, "--proxy");
  const httpProxy = given ?? proxyUrl(environment.httpProxy, "HTTP_PROXY");
  const httpsProxy = given ?? proxyUrl(environment.httpsProxy, "HTTPS_PROXY");
  return {
    proxies: { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }) },
    authorizationUrl: undefined,
    warnings:
      (options.egressProxyAuthzUrl ?? environment.postmanRunnerAuthzUrl) === undefined
        ? []
        : ["the authorization service is not asked: that takes --egress-proxy"],
  };
}

function readEgressProxy(options: NetworkOptions, environment: Environment): Outbound {
  const url = options.egressProxyAuthzUrl ?? environment.postmanRunnerAuthzUrl;
  if (!url)
    throw new AppError(
      "usage",
      "--egress-proxy needs the address of the authorization service: give it with --egress-proxy-authz-url or POSTMAN_RUNNER_AUTHZ_URL.",
    );
  const isSystemProxied = (environment.httpProxy ?? environment.httpsProxy) !== undefined;
  return {
    proxies: {},
    authorizationUrl: parseHttpUrl(url, "--egress-proxy-authz-url"),
    warnings: isSystemProxied ? ["HTTP_PROXY and HTTPS_PROXY have no effect beside --egress-proxy"] : [],
  };
}

function readRules({ allow = [], deny = [] }: NetworkOptions): EgressRules {
  for (const [option, texts] of [
    ["--allow", allow],
    ["--deny", deny],
  ] as const) {
    try {
      parseEgressRules({ allow: texts, deny: [] });
    } catch (error) {
      throw new AppError("usage", `${option}: ${toError(error).message}.`);
    }
  }
  return parseEgressRules({ allow, deny });
}

function proxyUrl(text: string | undefined, name: string): string | undefined {
  if (!text) return undefined;
  const url = parseProxyUrl(text, name);
  parseProxy(url);
  return url;
}
