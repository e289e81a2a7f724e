import { asArray, asObject, asObjects, asText, isObject, toText, type JsonObject } from "../json.ts";
import type { CollectionDocument } from "../types.ts";
import { checkScript } from "./compatibility-scripts.ts";
import type { VariableDocument } from "./document.ts";

/** Something that will not behave here as it does in Postman. */
export interface Finding {
  /** `unsupported` ends in an error when it is run; `different` is worth knowing. */
  level: "unsupported" | "different";
  /** Folder names and the request, outermost first; empty for the collection itself. */
  where: string;
  /** One sentence. */
  what: string;
}

/** Says before a run what a collection needs that is not here, or works in another way. Pure; reads leniently. */
export function checkCollection(document: CollectionDocument): Finding[] {
  const findings: Finding[] = [];
  const requests = namesOfRequests(document);
  const stack: { owner: JsonObject; path: string[] }[] = [{ owner: document, path: [] }];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { owner, path } = entry;
    const where = path.join(" / ");
    const add: Add = (level, what) => {
      const isKnown = findings.some((finding) => finding.where === where && finding.what === what);
      if (!isKnown) findings.push({ level, where, what });
    };
    checkOwner(owner, add, requests);
    if ("request" in owner) checkRequest(owner, add);
    const children = asObjects(owner["item"]).map((item) => ({
      owner: item,
      path: [...path, toText(item["name"] ?? "") || "unnamed"],
    }));
    // Last in, first out: the document is reported from top to bottom.
    stack.push(...children.toReversed());
  }
  return findings;
}

/** Ids and names by which scripts can run requests. */
function namesOfRequests(document: CollectionDocument): Set<string> {
  const names = new Set<string>();
  const left = asObjects(document["item"]);
  for (let item = left.pop(); item; item = left.pop()) {
    left.push(...asObjects(item["item"]));
    if ("request" in item)
      for (const key of ["id", "_postman_id", "name"]) names.add(toText(item[key] ?? ""));
  }
  return names;
}

/** Says which variables have no value in the file, because it lies in Postman's vault. */
export function checkVariables(document: VariableDocument): Finding[] {
  return asObjects(document.values).flatMap((variable): Finding[] =>
    isObject(variable["source"])
      ? [
          {
            level: "different",
            where: toText(variable["key"]),
            what: "its value lies in Postman's vault and is not in the file: give it a value here.",
          },
        ]
      : [],
  );
}

export type Add = (level: Finding["level"], what: string) => void;

/** What collections, folders and requests have in common. */
function checkOwner(owner: JsonObject, add: Add, requests: ReadonlySet<string>): void {
  checkAuth(owner["auth"] ?? asObject(owner["request"])["auth"], add);
  checkBehavior(asObject(owner["protocolProfileBehavior"]), add);
  for (const event of asObjects(owner["event"]))
    if (event["disabled"] !== true) checkScript(event["script"], add, requests);
}

function checkBehavior(behavior: JsonObject, add: Add): void {
  for (const name of Object.keys(behavior))
    if (!behaviors.has(name)) add("different", `the setting ${name} is not known here and has no effect.`);
  if (behavior["insecureHTTPParser"] === true)
    add(
      "different",
      "insecureHTTPParser has no effect: an answer that breaks the rules of HTTP is an error.",
    );
}

const behaviors = new Set([
  "disableBodyPruning",
  "disableCookies",
  "disableUrlEncoding",
  "disabledSystemHeaders",
  "followAuthorizationHeader",
  "followOriginalHttpMethod",
  "followRedirects",
  "insecureHTTPParser",
  "maxRedirects",
  "protocolVersion",
  "removeRefererHeaderOnRedirect",
  "strictSSL",
  "tlsCipherSelection",
  "tlsDisabledProtocols",
  "tlsPreferServerCiphers",
]);

const authTypes = new Set([
  "apikey",
  "asap",
  "awsv4",
  "basic",
  "bearer",
  "digest",
  "edgegrid",
  "hawk",
  "jwt",
  "noauth",
  "ntlm",
  "oauth1",
  "oauth2",
]);

function checkAuth(auth: unknown, add: Add): void {
  if (!isObject(auth)) return;
  const type = asText(auth["type"]);
  if (type === undefined) return;
  if (!authTypes.has(type))
    return add(
      "unsupported",
      `there is no authorization of type "${type}": the request goes out without one.`,
    );
  if (type !== "oauth2") return;
  const parameters = parametersOf(auth["oauth2"]);
  const grant = toText(parameters.get("grant_type") ?? "");
  const needsPerson = /^(authorization_code|implicit)/.test(grant);
  if (needsPerson && !toText(parameters.get("accessToken") ?? ""))
    add(
      "unsupported",
      `the OAuth 2.0 grant "${grant}" needs a person at a browser: use client_credentials, or store an access token.`,
    );
}

const parametersOf = (parameters: unknown): Map<string, unknown> =>
  new Map(
    Array.isArray(parameters)
      ? asObjects(parameters).map((pair) => [toText(pair["key"]), pair["value"]])
      : Object.entries(asObject(parameters)),
  );

function checkRequest({ request }: JsonObject, add: Add): void {
  const url = isObject(request) ? request["url"] : request;
  const text = urlText(url);
  const scheme = /^\s*([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    add("unsupported", `requests over ${scheme} cannot be sent, only over http and https.`);
  if (/^\s*https?:\/\/unix:/i.test(text)) add("unsupported", "requests to Unix sockets cannot be sent.");
  if (!isObject(request)) return;
  if (/\{\{\s*vault:/.test(JSON.stringify(request)))
    add("different", "variables of the vault ({{vault:…}}) are what whoever runs it gives with --secrets.");
  if (isObject(request["proxy"]) && request["proxy"]["disabled"] !== true)
    add("different", "its proxy is not used: whoever runs it decides on proxies.");
  if (isObject(request["certificate"]))
    add("different", "its client certificate is not used: whoever runs it gives certificates.");
  checkHeaders(request["header"], add);
  checkBody(request["body"], add);
}

function urlText(url: unknown): string {
  if (!isObject(url)) return toText(url ?? "");
  const { raw, protocol } = url;
  return typeof protocol === "string" ? `${protocol}://` : toText(raw ?? "");
}

/** Headers that frame a message; one that disagrees with its body would smuggle requests. */
const ownHeaders = new Set([
  "content-length",
  "transfer-encoding",
  "upgrade",
  "expect",
  "te",
  "trailer",
  "proxy-authorization",
]);

function checkHeaders(headers: unknown, add: Add): void {
  for (const header of asObjects(headers)) {
    const name = toText(header["key"] ?? "").trim();
    if (header["disabled"] !== true && ownHeaders.has(name.toLowerCase()))
      add("different", `the header ${name} is always set by this program.`);
  }
}

function checkBody(body: unknown, add: Add): void {
  if (!isObject(body) || body["disabled"] === true) return;
  if (
    body["mode"] === "graphql" &&
    /^\s*subscription\b/.test(toText(asObject(body["graphql"])["query"] ?? ""))
  )
    add("unsupported", "GraphQL subscriptions cannot be run, only queries and mutations.");
  for (const { key } of body["mode"] === "formdata" ? asObjects(body["formdata"]) : [])
    if (/["\r\n]/.test(toText(key ?? "")))
      add("different", "quotes and line breaks in the name of a form field are escaped.");
  for (const file of filesOf(body))
    add("different", `the file "${file}" must lie in the working directory of whoever runs it.`);
}

function filesOf(body: JsonObject): string[] {
  if (body["mode"] === "file") {
    const { file } = body;
    return textsOf(isObject(file) ? file["src"] : file);
  }
  if (body["mode"] !== "formdata") return [];
  return asObjects(body["formdata"])
    .filter((field) => field["type"] === "file" && field["disabled"] !== true)
    .flatMap((field) => textsOf(field["src"]));
}

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? asArray(value) : [value]).flatMap((one) =>
    typeof one === "string" && one ? [one] : [],
  );
