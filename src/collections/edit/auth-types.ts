/** How a field of an authorization is edited. `yes` is ticked or not, `long` has several lines. */
export interface AuthField {
  /** As in a document. */
  name: string;
  label: string;
  kind: "text" | "long" | "yes" | "choice";
  options?: readonly string[];
  /** Without it nothing can be signed. */
  isNeeded?: boolean;
}

export interface AuthTypeFields {
  label: string;
  fields: readonly AuthField[];
}

const text = (name: string, label: string): AuthField => ({ name, label, kind: "text" });
const long = (name: string, label: string): AuthField => ({ name, label, kind: "long" });
const yes = (name: string, label: string): AuthField => ({ name, label, kind: "yes" });
const choice = (name: string, label: string, options: readonly string[]): AuthField => ({
  name,
  label,
  kind: "choice",
  options,
});
const needed = (field: AuthField): AuthField => ({ ...field, isNeeded: true });

const families = (names: string[]): string[] =>
  names.flatMap((family) => ["256", "384", "512"].map((bits) => family + bits));
const keyAlgorithms = families(["RS", "PS", "ES"]);

/** The types of Collection v2.1 that the engine signs, and the fields that it reads. The names are Postman's. */
export const authTypes: Readonly<Record<string, AuthTypeFields>> = {
  noauth: { label: "No authorization", fields: [] },
  basic: { label: "Basic", fields: [text("username", "User name"), text("password", "Password")] },
  bearer: { label: "Bearer token", fields: [text("token", "Token")] },
  apikey: {
    label: "API key",
    fields: [
      needed(text("key", "Name of the key")),
      text("value", "Key"),
      choice("in", "Sent in", ["header", "query"]),
    ],
  },
  oauth2: {
    label: "OAuth 2.0",
    fields: [
      text("accessToken", "Access token"),
      choice("grant_type", "Grant", ["client_credentials", "password_credentials", "authorization_code"]),
      text("accessTokenUrl", "Token URL"),
      text("clientId", "Client ID"),
      text("clientSecret", "Client secret"),
      text("username", "User name"),
      text("password", "Password"),
      text("scope", "Scope"),
      text("audience", "Audience"),
      text("resource", "Resource"),
      choice("client_authentication", "Client is named in", ["header", "body"]),
      text("refreshToken", "Refresh token"),
      text("refreshTokenUrl", "Refresh URL"),
      choice("addTokenTo", "Token is sent in", ["header", "queryParams"]),
      text("headerPrefix", "Word before the token"),
    ],
  },
  jwt: {
    label: "JWT",
    fields: [
      needed(choice("algorithm", "Algorithm", [...families(["HS"]), ...keyAlgorithms])),
      text("secret", "Secret"),
      yes("isSecretBase64Encoded", "The secret is Base64"),
      long("privateKey", "Private key"),
      long("payload", "Payload"),
      long("header", "Headers of the token"),
      choice("addTokenTo", "Token is sent in", ["header", "queryParam"]),
      text("headerPrefix", "Word before the token"),
      text("queryParamKey", "Name of the parameter"),
    ],
  },
  digest: {
    label: "Digest",
    fields: [
      text("username", "User name"),
      text("password", "Password"),
      yes("disableRetryRequest", "Send once, without an answer to the challenge"),
      choice("algorithm", "Algorithm", [
        "MD5",
        "MD5-sess",
        "SHA-256",
        "SHA-256-sess",
        "SHA-512-256",
        "SHA-512-256-sess",
      ]),
      text("realm", "Realm"),
      text("nonce", "Nonce"),
      text("qop", "Quality of protection"),
      text("nonceCount", "Nonce count"),
      text("clientNonce", "Client nonce"),
      text("opaque", "Opaque"),
    ],
  },
  oauth1: {
    label: "OAuth 1.0",
    fields: [
      choice("signatureMethod", "Signature", [
        "HMAC-SHA1",
        "HMAC-SHA256",
        "HMAC-SHA512",
        "RSA-SHA1",
        "RSA-SHA256",
        "RSA-SHA512",
        "PLAINTEXT",
      ]),
      text("consumerKey", "Consumer key"),
      text("consumerSecret", "Consumer secret"),
      text("token", "Access token"),
      text("tokenSecret", "Token secret"),
      long("privateKey", "Private key"),
      text("callback", "Callback URL"),
      text("verifier", "Verifier"),
      text("timestamp", "Timestamp"),
      text("nonce", "Nonce"),
      text("version", "Version"),
      text("realm", "Realm"),
      yes("addParamsToHeader", "Send in the Authorization header"),
      yes("includeBodyHash", "Sign the body"),
      yes("addEmptyParamsToSign", "Sign empty parameters"),
      yes("disableHeaderEncoding", "Leave the header as it is, without percent signs"),
    ],
  },
  awsv4: {
    label: "AWS signature",
    fields: [
      text("accessKey", "Access key"),
      text("secretKey", "Secret key"),
      text("sessionToken", "Session token"),
      text("region", "Region"),
      text("service", "Service"),
      yes("addAuthDataToQuery", "Send in the query"),
    ],
  },
  hawk: {
    label: "Hawk",
    fields: [
      text("authId", "ID"),
      text("authKey", "Key"),
      needed(choice("algorithm", "Algorithm", ["sha256", "sha1"])),
      text("user", "User"),
      text("nonce", "Nonce"),
      text("extraData", "ext"),
      text("app", "app"),
      text("delegation", "dlg"),
      text("timestamp", "Timestamp"),
      yes("includePayloadHash", "Sign the body"),
    ],
  },
  ntlm: {
    label: "NTLM",
    fields: [
      text("username", "User name"),
      text("password", "Password"),
      text("domain", "Domain"),
      text("workstation", "Workstation"),
      yes("disableRetryRequest", "Send once, without an answer to the challenge"),
    ],
  },
  asap: {
    label: "ASAP (Atlassian)",
    fields: [
      choice("alg", "Algorithm", keyAlgorithms),
      text("iss", "Issuer"),
      text("aud", "Audience"),
      text("sub", "Subject"),
      text("kid", "Key ID"),
      long("privateKey", "Private key"),
      text("exp", "Expires after seconds"),
      long("claims", "More claims"),
    ],
  },
  edgegrid: {
    label: "Akamai EdgeGrid",
    fields: [
      text("accessToken", "Access token"),
      text("clientToken", "Client token"),
      text("clientSecret", "Client secret"),
      text("baseURL", "Base URL"),
      text("headersToSign", "Headers to sign"),
      text("maxBodySize", "Bytes of the body to sign"),
      text("timestamp", "Timestamp"),
      text("nonce", "Nonce"),
    ],
  },
};

/** What the engine does where nothing is chosen. */
export const defaultChoices: Readonly<Record<string, string>> = {
  in: "header",
  addTokenTo: "header",
  client_authentication: "header",
  "digest.algorithm": "as the server asks",
  "oauth1.signatureMethod": "HMAC-SHA1",
  alg: "RS256",
};
