import { join, resolve } from "node:path";

import { z } from "zod";

import { type CiFacts, ciFacts } from "./ci-facts.ts";
import { AppError } from "./errors.ts";
import { parseSmtpUrl, type SmtpConfig } from "./smtp-url.ts";
import { maskCredentials } from "./url-credentials.ts";

/**
 * What the program takes from its environment beside the variable that every option has (`--data-dir` is
 * `APP_DATA_DIR`). The only place that reads `process.env`.
 */
export interface Environment {
  /** First admin, made when there is no user yet. */
  adminEmail: string | undefined;
  adminPassword: string | undefined;
  /** 32 bytes in base64 or hex; encrypts secrets at rest. */
  secretKey: string | undefined;
  /** Taken when `--database-url` is not given. */
  databaseUrl: string | undefined;
  logLevel: "debug" | "info" | "warn" | "error";
  postmanRunnerId: string | undefined;
  postmanRunnerKey: string | undefined;
  postmanRunnerAuthzUrl: string | undefined;
  httpProxy: string | undefined;
  httpsProxy: string | undefined;
  noProxy: string | undefined;
  /** Folder for the configuration of this user. */
  configHome: string | undefined;
  noColor: boolean;
  /** The process that started this one and without which it must not go on. */
  parentPid: number | undefined;
}

type Variables = Record<string, string | undefined>;

/** What the pipeline that this program runs in tells of itself; empty outside of one. */
export const readCiFacts = (): CiFacts => ciFacts(process.env);

export function readEnvironment(variables: Variables = process.env): Environment {
  const read = (...names: string[]) => names.map((name) => variables[name]).find((value) => value);
  const home = read("HOME", "USERPROFILE");
  return {
    adminEmail: read("APP_ADMIN_EMAIL"),
    adminPassword: read("APP_ADMIN_PASSWORD"),
    secretKey: read("APP_SECRET_KEY"),
    databaseUrl: read("DATABASE_URL"),
    logLevel: parse(
      z.enum(["debug", "info", "warn", "error"]),
      read("APP_LOG_LEVEL") ?? "info",
      "APP_LOG_LEVEL",
    ),
    postmanRunnerId: read("POSTMAN_RUNNER_ID"),
    postmanRunnerKey: read("POSTMAN_RUNNER_KEY"),
    postmanRunnerAuthzUrl: read("POSTMAN_RUNNER_AUTHZ_URL"),
    // Small letters win, as in curl.
    httpProxy: read("http_proxy", "HTTP_PROXY"),
    httpsProxy: read("https_proxy", "HTTPS_PROXY"),
    noProxy: read("no_proxy", "NO_PROXY"),
    configHome: read("XDG_CONFIG_HOME") ?? (home && `${home}/.config`),
    noColor: read("NO_COLOR") !== undefined,
    parentPid: Number(read("APP_PARENT_PID")) || undefined,
  };
}

/** The environment for a child process: this one's with some variables set, and others (undefined) taken out. */
export function childEnvironment(
  changes: Record<string, string | undefined>,
  variables: Variables = process.env,
): Record<string, string> {
  const entries = Object.entries({ ...variables, ...changes });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** A variable that files refer to; undefined when it is not set, or empty. */
export const readVariable = (name: string, variables: Variables = process.env): string | undefined =>
  variables[name] || undefined;

/** `APP_DATA_DIR` for `--data-dir`. */
export const variableOfOption = (longFlag: string): string =>
  `APP_${longFlag.replace(/^--/, "").replaceAll("-", "_").toUpperCase()}`;

/** Whether the variable of a switch says no; a variable that is not there says nothing. */
export function isSwitchedOff(name: string, variables: Variables = process.env): boolean {
  const value = variables[name];
  return value !== undefined && ["", "0", "false", "no", "off"].includes(value.trim().toLowerCase());
}

const unitMs: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Beyond a hundred years instants cannot be written any more. */
const MAX_DURATION_MS = 36_500 * 86_400_000;

/** Milliseconds of `90d`, `12h`, `5m`, `30s`, `250ms`. Throws `usage` for anything else, nothing and centuries included. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d|w)$/.exec(text.trim()) ?? [];
  const durationMs = Number(amount) * (unitMs[unit ?? ""] ?? 0);
  if (!(durationMs > 0 && durationMs <= MAX_DURATION_MS)) {
    throw new AppError(
      "usage",
      `"${text}" is not a duration: write a whole number and ms, s, m, h, d or w, such as 90d.`,
    );
  }
  return durationMs;
}

/** A whole number within limits; throws `usage` that names the option. */
export function parseWholeNumber(
  text: string,
  name: string,
  { min, max }: { min: number; max: number },
): number {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new AppError("usage", `${name} must be a whole number from ${min} to ${max}, not "${text}".`);
}

/** An absolute http or https URL, without its trailing slash; throws `usage` that names the option. */
export function parseHttpUrl(text: string, name: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return text.replace(/\/+$/, "");
  throw new AppError(
    "usage",
    `${name} must be an http:// or https:// address, not "${maskCredentials(text)}".`,
  );
}

/** The URL of an HTTP proxy, also given as `proxy.example:3128`; throws `usage` that names where it came from. */
export function parseProxyUrl(text: string, name: string): string {
  if (/^socks/i.test(text.trim()))
    throw new AppError(
      "usage",
      `${name} names a SOCKS proxy, which is not supported: give an HTTP proxy, such as http://proxy.example:3128.`,
    );
  return parseHttpUrl(text.includes("://") ? text : `http://${text}`, name);
}

function parse<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new AppError("usage", `${name} is wrong: ${result.error.issues[0]?.message ?? "not understood"}.`);
}

/** What `app serve` was told, checked. */
export interface ServeConfig extends StorageConfig {
  host: string;
  /** 0 = any free one. */
  port: number;
  /** Without a trailing slash; undefined = where it listens. */
  publicUrl: string | undefined;
  tls: { certFile: string; keyFile: string } | undefined;
  withRunner: boolean;
  /** How long a runner may be silent before its runs are lost. */
  leaseSeconds: number;
  /** Changes of the limits of the API, in the words of the option; not checked yet. */
  rateLimit: string;
  /** How long calls of API keys are kept. */
  callRetentionSeconds: number;
  /** Folder of programs for runners on other platforms. */
  programsDir: string;
  /** The mail server for alerts; undefined = mail cannot be sent. */
  smtp: SmtpConfig | undefined;
  /** PEM file of certificates that chat and mail servers are trusted by, beside the built-in ones. */
  extraCaCertsFile: string | undefined;
  /** Of the environment, for calls to other services. */
  proxies: Pick<Environment, "httpProxy" | "httpsProxy" | "noProxy">;
  admin: { email: string; password: string } | undefined;
}

/** Where the data is: for `serve` and for the commands that work on the machine of the control plane. */
export interface StorageConfig {
  /** Absolute. */
  dataDir: string;
  /** Undefined = the embedded Postgres of the data folder. */
  databaseUrl: string | undefined;
  /** Undefined = the key in the data folder. */
  secretKey: Uint8Array | undefined;
}

export const DEFAULT_DATA_DIR = "./sallyport-data";
export const DEFAULT_LEASE = "30s";
export const DEFAULT_CALL_RETENTION = "30d";

/** Options as commander gives them. */
export interface StorageOptions {
  dataDir?: string;
  databaseUrl?: string;
}

export interface ServeOptions extends StorageOptions {
  host: string;
  port: string;
  publicUrl?: string;
  tlsCert?: string;
  tlsKey?: string;
  withRunner?: true;
  lease?: string;
  rateLimit?: string;
  callRetention?: string;
  programsDir?: string;
  smtpUrl?: string;
  smtpFrom?: string;
  sslExtraCaCerts?: string;
}

/** Throws `usage` for an option or variable that makes no sense. */
export function parseServeOptions(options: ServeOptions, environment = readEnvironment()): ServeConfig {
  const { host, port, publicUrl, withRunner } = options;
  return {
    ...parseStorageOptions(options, environment),
    host,
    port: parseWholeNumber(port, "--port", { min: 0, max: 65_535 }),
    publicUrl: publicUrl === undefined ? undefined : parseHttpUrl(publicUrl, "--public-url"),
    tls: bothOrNone(options.tlsCert, options.tlsKey, "--tls-cert and --tls-key", (certFile, keyFile) => ({
      certFile,
      keyFile,
    })),
    withRunner: withRunner === true,
    leaseSeconds: parseLease(options.lease ?? DEFAULT_LEASE),
    rateLimit: options.rateLimit ?? "",
    callRetentionSeconds: parseDuration(options.callRetention ?? DEFAULT_CALL_RETENTION) / 1000,
    programsDir: resolve(options.programsDir ?? join(options.dataDir ?? DEFAULT_DATA_DIR, "programs")),
    smtp: bothOrNone(options.smtpUrl, options.smtpFrom, "--smtp-url and --smtp-from", parseSmtpUrl),
    extraCaCertsFile: options.sslExtraCaCerts,
    proxies: {
      httpProxy: environment.httpProxy,
      httpsProxy: environment.httpsProxy,
      noProxy: environment.noProxy,
    },
    admin: bothOrNone(
      environment.adminEmail,
      environment.adminPassword,
      "APP_ADMIN_EMAIL and APP_ADMIN_PASSWORD",
      (email, password) => ({ email, password }),
    ),
  };
}

/** Shorter, a busy machine loses runs; longer, a dead runner stays unnoticed for too long. */
const leaseBounds = { minMs: 5_000, maxMs: 600_000 };

function parseLease(text: string): number {
  const leaseMs = parseDuration(text);
  if (leaseMs >= leaseBounds.minMs && leaseMs <= leaseBounds.maxMs) return leaseMs / 1000;
  throw new AppError("usage", `--lease must be from 5s to 10m, not "${text}".`);
}

export function parseStorageOptions(
  { dataDir, databaseUrl }: StorageOptions,
  environment = readEnvironment(),
): StorageConfig {
  const url = databaseUrl ?? environment.databaseUrl;
  return {
    dataDir: resolve(dataDir ?? DEFAULT_DATA_DIR),
    databaseUrl: url === undefined ? undefined : checkDatabaseUrl(url),
    secretKey: environment.secretKey === undefined ? undefined : parseSecretKey(environment.secretKey),
  };
}

function bothOrNone<T>(
  first: string | undefined,
  second: string | undefined,
  names: string,
  join: (first: string, second: string) => T,
): T | undefined {
  if (first !== undefined && second !== undefined) return join(first, second);
  if (first === undefined && second === undefined) return undefined;
  throw new AppError("usage", `${names} belong together: give both or none.`);
}

function checkDatabaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "postgres:" || url?.protocol === "postgresql:") return text;
  // The text may hold a password, so it is not repeated.
  throw new AppError(
    "usage",
    "--database-url must look like postgres://user:password@host:5432/database; percent-encode special characters in the password.",
  );
}

const SECRET_KEY_BYTES = 32;

/** 32 bytes in hex or base64; throws `usage` otherwise. */
export function parseSecretKey(text: string): Uint8Array {
  const trimmed = text.trim();
  const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, "hex") : Buffer.from(trimmed, "base64");
  if (key.byteLength === SECRET_KEY_BYTES) return key;
  throw new AppError(
    "usage",
    "APP_SECRET_KEY must be 32 random bytes in base64 or hex, such as openssl rand -base64 32 prints.",
  );
}
