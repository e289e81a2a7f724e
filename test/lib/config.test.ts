import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";

import {
  parseProxyUrl,
  isSwitchedOff,
  parseDuration,
  parseHttpUrl,
  parseSecretKey,
  parseServeOptions,
  parseStorageOptions,
  readEnvironment,
  variableOfOption,
} from "../../src/lib/config.ts";

const options = { host: "127.0.0.1", port: "4600" };
const none = readEnvironment({});

describe("durations", () => {
  test.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["12h", 43_200_000],
    ["90d", 7_776_000_000],
    ["2w", 1_209_600_000],
    [" 1s ", 1_000],
  ])("%p is %d ms", (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });

  test.each(["", "90", "1.5h", "-1d", "1y", "1d 2h", "d", "0d", "36501d", "99999999999999999d"])(
    "%p is refused",
    (text) => {
      expect(() => parseDuration(text)).toThrow(/is not a duration/);
    },
  );
});

describe("options of serve", () => {
  test("without any: the embedded database in a folder below the current one", () => {
    expect(parseServeOptions(options, none)).toEqual({
      host: "127.0.0.1",
      port: 4600,
      dataDir: resolve("sallyport-data"),
      databaseUrl: undefined,
      secretKey: undefined,
      publicUrl: undefined,
      tls: undefined,
      withRunner: false,
      leaseSeconds: 30,
      rateLimit: "",
      callRetentionSeconds: 2_592_000,
      programsDir: resolve("sallyport-data/programs"),
      smtp: undefined,
      extraCaCertsFile: undefined,
      proxies: { httpProxy: undefined, httpsProxy: undefined, noProxy: undefined },
      admin: undefined,
    });
  });

  test("programs for runners lie beside the data, or where they are said to", () => {
    expect(parseServeOptions({ ...options, dataDir: "/d" }, none).programsDir).toBe("/d/programs");
    expect(parseServeOptions({ ...options, programsDir: "/p" }, none).programsDir).toBe("/p");
  });

  test.each([
    [{ port: "65536" }, "--port must be a whole number from 0 to 65535"],
    [{ port: "http" }, "--port must be"],
    [{ lease: "4s" }, "--lease must be from 5s to 10m"],
    [{ lease: "11m" }, "--lease must be from 5s to 10m"],
    [{ publicUrl: "example.test" }, "--public-url must be an http:// or https:// address"],
    [{ tlsCert: "cert.pem" }, "--tls-cert and --tls-key belong together"],
    [{ databaseUrl: "mysql://x" }, "--database-url must look like postgres://"],
  ])("%p are refused with the name of the option", (wrong, sentence) => {
    expect(() => parseServeOptions({ ...options, ...wrong }, none)).toThrow(sentence);
  });

  test("half an admin is refused", () => {
    const environment = readEnvironment({ APP_ADMIN_EMAIL: "admin@example.test" });

    expect(() => parseServeOptions(options, environment)).toThrow(/APP_ADMIN_EMAIL and APP_ADMIN_PASSWORD/);
  });

  test("the public address loses its trailing slash", () => {
    expect(parseHttpUrl("https://monitor.example.test/", "--public-url")).toBe(
      "https://monitor.example.test",
    );
  });
});

describe("where the data is", () => {
  test("DATABASE_URL counts when the option is not given", () => {
    const environment = readEnvironment({ DATABASE_URL: "postgres://from/environment" });

    expect(parseStorageOptions({}, environment).databaseUrl).toBe("postgres://from/environment");
    expect(parseStorageOptions({ databaseUrl: "postgres://from/flag" }, environment).databaseUrl).toBe(
      "postgres://from/flag",
    );
  });

  test("a wrong address is refused without repeating it", () => {
    const parse = () => parseStorageOptions({ databaseUrl: "postgres//user:open-sesame@host" }, none);

    expect(parse).toThrow(/--database-url must look like/);
    expect(parse).not.toThrow(/open-sesame/);
  });

  test.each([
    ["hex", "ab".repeat(32)],
    ["base64", Buffer.alloc(32, 0xab).toString("base64")],
  ])("a secret key may come as %s", (_, text) => {
    expect([...parseSecretKey(` ${text}\n`)]).toEqual(Array.from({ length: 32 }, () => 0xab));
  });

  test.each(["", "short", "ab".repeat(31), Buffer.alloc(33).toString("base64")])(
    "the secret key %p is refused",
    (text) => {
      expect(() => parseSecretKey(text)).toThrow(/APP_SECRET_KEY must be 32 random bytes/);
    },
  );
});

describe("variables", () => {
  test("every option has one", () => {
    expect(variableOfOption("--ssl-extra-ca-certs")).toBe("APP_SSL_EXTRA_CA_CERTS");
  });

  test.each(["", "0", "false", "No", " off "])("%p switches an option off", (value) => {
    expect(isSwitchedOff("APP_X", { APP_X: value })).toBeTrue();
  });

  test.each(["1", "true", "yes"])("%p does not", (value) => {
    expect(isSwitchedOff("APP_X", { APP_X: value })).toBeFalse();
  });

  test("a variable that is not there says nothing", () => {
    expect(isSwitchedOff("APP_X", {})).toBeFalse();
  });

  test("an unknown log level is refused", () => {
    expect(() => readEnvironment({ APP_LOG_LEVEL: "loud" })).toThrow(/APP_LOG_LEVEL is wrong/);
  });
});

describe("a proxy", () => {
  test.each([
    ["http://user:p@proxy:3128", "http://user:p@proxy:3128"],
    ["https://proxy/", "https://proxy"],
    ["proxy.example:3128", "http://proxy.example:3128"],
  ])("%s", (text, url) => {
    expect(parseProxyUrl(text, "--proxy")).toBe(url);
  });

  test.each(["socks5://127.0.0.1:1080", "SOCKS4a://p", "socks5h://u:p@p:1"])(
    "%s is named as what it is",
    (text) => {
      expect(() => parseProxyUrl(text, "HTTP_PROXY")).toThrow(
        "HTTP_PROXY names a SOCKS proxy, which is not supported",
      );
    },
  );

  test("an address of another kind is refused without a word about SOCKS", () => {
    expect(() => parseProxyUrl("ftp://proxy", "--proxy")).toThrow(
      "--proxy must be an http:// or https:// address",
    );
  });
});
