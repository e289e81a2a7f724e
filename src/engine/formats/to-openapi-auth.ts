import { asObjects, asText, isObject, toText, type JsonObject } from "../json.ts";

/** What authenticates a request, as OpenAPI names it. */
export interface SecurityScheme {
  name: string;
  scheme: JsonObject;
  scopes: string[];
}

/** Undefined for `noauth`, and for what OpenAPI has no word for, which is told. */
export function toSecurityScheme(auth: JsonObject, warn: (what: string) => void): SecurityScheme | undefined {
  const type = toText(auth["type"] ?? "");
  const parameters = parametersOf(auth[type]);
  const scheme = schemeOf(type, parameters);
  if (scheme) return { ...scheme, scopes: scheme.scopes ?? [] };
  if (type !== "noauth" && type !== "")
    warn(`its way to authenticate, ${type}, has no word in OpenAPI and is left out.`);
  return undefined;
}

type Parameters = (key: string) => string;

function parametersOf(value: unknown): Parameters {
  const entries: [string, unknown][] = Array.isArray(value)
    ? asObjects(value).map((pair) => [toText(pair["key"] ?? ""), pair["value"]])
    : Object.entries(isObject(value) ? value : {});
  const known = new Map(entries);
  return (key) => asText(known.get(key)) ?? "";
}

function schemeOf(
  type: string,
  parameter: Parameters,
): { name: string; scheme: JsonObject; scopes?: string[] } | undefined {
  switch (type) {
    case "basic":
    case "digest":
    case "hawk":
      return { name: `${type}Auth`, scheme: { type: "http", scheme: type } };
    case "bearer":
      return { name: "bearerAuth", scheme: { type: "http", scheme: "bearer" } };
    case "jwt":
      return { name: "jwtAuth", scheme: { type: "http", scheme: "bearer", bearerFormat: "JWT" } };
    case "apikey":
      return apiKey(parameter);
    case "oauth2":
      return oauth2(parameter);
    default:
      return undefined;
  }
}

function apiKey(parameter: Parameters) {
  const place = parameter("in") === "query" ? "query" : "header";
  const key = parameter("key") || "X-Api-Key";
  return {
    name: `apikey_${key.replaceAll(/[^\w.-]/g, "_")}`,
    scheme: { type: "apiKey", name: key, in: place },
  };
}

const flows: Record<string, string> = {
  authorization_code: "authorizationCode",
  authorization_code_with_pkce: "authorizationCode",
  implicit: "implicit",
  password: "password",
  password_credentials: "password",
  client_credentials: "clientCredentials",
};

function oauth2(parameter: Parameters) {
  const scopes = parameter("scope")
    .split(/\s+/)
    .filter((scope) => scope !== "");
  const flow = flows[parameter("grant_type")] ?? "authorizationCode";
  const needsUser = flow === "authorizationCode" || flow === "implicit";
  const content = {
    ...(needsUser && { authorizationUrl: parameter("authUrl") || "https://example.com/authorize" }),
    ...(flow !== "implicit" && { tokenUrl: parameter("accessTokenUrl") || "https://example.com/token" }),
    scopes: Object.fromEntries(scopes.map((scope) => [scope, ""])),
  };
  return { name: "oauth2Auth", scheme: { type: "oauth2", flows: { [flow]: content } }, scopes };
}
