import { isObject } from "../../json.ts";
import type { ScriptHttpRequest } from "../protocol.ts";
import { RequestAuth } from "./auth.ts";
import { HeaderList, PropertyList } from "./property-list.ts";
import { Part } from "./property.ts";
import { RequestBody } from "./request-body.ts";
import { toString } from "./text.ts";
import { Url } from "./url.ts";

/** `pm.request`: what a pre-request script changes here is what is sent. */
export class Request extends Part {
  url: Url;
  headers: HeaderList;
  method: string;
  declare body?: RequestBody;
  declare auth?: RequestAuth;

  constructor(source: Partial<ScriptHttpRequest> | string = {}) {
    super();
    const fields = typeof source === "string" ? { url: source } : source;
    const { url, method, body, auth } = fields;
    const given = fields as Record<string, unknown>;
    this.url = childOf(this, new Url(url));
    this.headers = PropertyList.setParent(new HeaderList(given["header"] ?? given["headers"] ?? []), this);
    this.method = method === undefined || method === null ? "GET" : toString(method).toUpperCase();
    if (body !== undefined) this.body = childOf(this, new RequestBody(body));
    if (auth) this.auth = new RequestAuth(auth);
  }

  static isRequest(value: unknown): value is Request {
    return value instanceof Request;
  }

  update(source: unknown): void {
    if (!isObject(source)) return;
    if ("url" in source) this.url.update(source["url"]);
    if (source["header"]) this.headers.repopulate(source["header"]);
    if ("method" in source) this.method = toString(source["method"] ?? "GET").toUpperCase();
    if (source["body"]) this.body = childOf(this, new RequestBody(source["body"]));
    if (source["auth"]) this.auth = new RequestAuth(source["auth"]);
  }

  /** `("bearer", { token })` or `{ type, … }`; null takes the authentication away. */
  authorizeUsing(kind: unknown, settings?: unknown): void {
    const given = isObject(kind) && (settings === undefined || settings === null) ? kind : undefined;
    const { type, ...others } = given ?? { type: kind };
    if (type === null) {
      delete this.auth;
      return;
    }
    if (!RequestAuth.isValidType(type)) return;
    if (this.auth) this.auth.clear(type);
    else this.auth = new RequestAuth({});
    this.auth.use(type, given ? others : settings);
  }

  getHeaders(
    options: { enabled?: boolean; ignoreCase?: boolean; sanitizeKeys?: boolean } | null = {},
  ): Record<string, unknown> {
    const { enabled = false, ignoreCase = false, sanitizeKeys = false } = options ?? {};
    return this.headers.toObject(enabled, !ignoreCase, false, sanitizeKeys);
  }

  addHeader(header: unknown): void {
    this.headers.add(header);
  }

  upsertHeader(header: unknown): void {
    if (!isObject(header) || !header["key"]) return;
    const existing = this.headers.find({ key: header["key"] });
    if (existing) Reflect.set(existing, "value", header["value"]);
    else this.headers.add(header);
  }

  removeHeader(header: unknown, options: { ignoreCase?: boolean } | null = {}): void {
    const name = isObject(header) ? header["key"] : header;
    if (typeof name !== "string" || name === "") return;
    const same = (text: string) => (options?.ignoreCase ? text.toLowerCase() : text);
    this.headers.remove(({ key }: { key: string }) => same(key) === same(name));
  }

  forEachHeader(visit: (header: unknown, request: Request) => void): void {
    for (const header of this.headers.all()) visit(header, this);
  }

  addQueryParams(params: unknown): void {
    this.url.addQueryParams(params);
  }

  removeQueryParams(params: unknown): void {
    this.url.removeQueryParams(params);
  }

  /** In bytes, as Postman computes it: without what the network layer adds. */
  size(): { body: number; header: number; total: number; source: string } {
    const declared = this.headers.get("content-length");
    const isDeclared = declared !== undefined && declared !== "" && !Number.isNaN(Number(declared));
    const body = isDeclared ? Number.parseInt(declared, 10) : byteLength(this.body?.toString() ?? "");
    const requestLine = `${this.method} ${this.url.getPathWithQuery()} HTTP/X.X\r\n\r\n`;
    const header = requestLine.length + this.headers.contentSize();
    return { body, header, total: body + header, source: isDeclared ? "CONTENT-LENGTH" : "COMPUTED" };
  }

  clone(): Request {
    return new Request(JSON.parse(JSON.stringify(this)));
  }

  override toJSON(): Record<string, unknown> {
    const { url, headers, ...others } = Object.fromEntries(Object.entries(this));
    const isBare = headers instanceof PropertyList && headers.members.length === 0;
    return { url, ...(isBare ? {} : { header: headers }), ...others };
  }
}

function childOf<T extends Part>(parent: object, part: T): T {
  Part.setParent(part, parent);
  return part;
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_00_00 ? 3 : 4;
  }
  return bytes;
}

/** The form that the engine takes: whatever a script has put in place of the parts. */
export function toSource(request: Request): unknown {
  // Scripts assign what they like to the members, so their declared types say nothing here.
  const { url, method, headers, header, body, auth } = request as unknown as Record<string, unknown>;
  return {
    method: method === undefined || method === null ? "GET" : toString(method).toUpperCase(),
    url: url instanceof Url ? url : new Url(url),
    header: toHeaders(headers, header),
    // What is not there is left as it was; anything else, null included, takes its place.
    ...(body === undefined ? {} : { body: body instanceof RequestBody ? body : new RequestBody(body) }),
    ...(auth ? { auth: isObject(auth) ? auth : {} } : {}),
  };
}

/** A list is one of Postman's; `header`, which documents have, wins over it. */
function toHeaders(headers: unknown, header: unknown): unknown[] {
  const list = header ? new HeaderList(header) : headers instanceof PropertyList ? headers : new HeaderList();
  return list.toJSON();
}

/** What `pm.sendRequest` takes: a URL or a request with Postman's short forms. */
export function toHttpRequest(source: unknown): unknown {
  if (source instanceof Request) return toSource(source);
  if (typeof source === "string" || source instanceof Url)
    return toSource(new Request({ url: source as string }));
  // Objects of postman-collection.
  if (isObject(source) && typeof source["toJSON"] === "function") return toHttpRequest(source["toJSON"]());
  return toSource(new Request(isObject(source) ? source : {}));
}
