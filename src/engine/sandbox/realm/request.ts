import { isObject, toText } from "../../json.ts";
import type { ScriptHttpRequest } from "../protocol.ts";
import { HeaderList, PropertyList } from "./property-list.ts";
import { toString } from "./text.ts";
import { parseQuery, Url } from "./url.ts";

/** `pm.request.body` in one of Postman's modes. */
export class RequestBody {
  mode?: string;
  raw?: string;
  urlencoded?: PropertyList;
  formdata?: PropertyList;
  graphql?: unknown;
  file?: unknown;
  options?: unknown;
  disabled?: boolean;

  constructor(source: unknown) {
    this.update(source);
  }

  update(source: unknown): void {
    const fields = typeof source === "string" ? { mode: "raw", raw: source } : isObject(source) ? source : {};
    for (const [key, value] of Object.entries(fields)) {
      if (key === "urlencoded" || key === "formdata") {
        this[key] = new PropertyList(typeof value === "string" ? parseQuery(value) : value);
      } else if (key === "raw" && value !== undefined) {
        this.raw = typeof value === "object" ? JSON.stringify(value) : toText(value);
      } else {
        // Unknown fields of a body are carried along.
        Reflect.set(this, key, value);
      }
    }
  }

  isEmpty(): boolean {
    return this.toString() === "";
  }

  toString(): string {
    if (this.mode === "urlencoded") return this.urlencoded?.toString() ?? "";
    if (this.mode === "graphql") return JSON.stringify(this.graphql ?? "");
    return this.mode === "raw" ? (this.raw ?? "") : "";
  }

  toJSON(): object {
    return Object.fromEntries(Object.entries(this));
  }
}

/** `pm.request`: what a pre-request script changes here is what is sent. */
export class Request {
  #url: Url;
  #method: string;
  #headers: HeaderList;
  #body: RequestBody | undefined;
  auth: Record<string, unknown> | undefined;
  name?: string;
  id?: string;

  constructor(source: ScriptHttpRequest) {
    this.#url = new Url(source.url);
    this.#method = source.method;
    this.#headers = new HeaderList(source.header);
    this.#body = source.body && new RequestBody(source.body);
    this.auth = source.auth;
  }

  get url(): Url {
    return this.#url;
  }
  set url(source: unknown) {
    this.#url = source instanceof Url ? source : new Url(source);
  }

  get method(): string {
    return this.#method;
  }
  set method(method: unknown) {
    this.#method = String(method).toUpperCase();
  }

  get headers(): HeaderList {
    return this.#headers;
  }
  set headers(source: unknown) {
    this.#headers = source instanceof HeaderList ? source : new HeaderList(source);
  }

  get body(): RequestBody | undefined {
    return this.#body;
  }
  set body(source: unknown) {
    if (source === undefined || source === null) this.#body = undefined;
    else this.#body = source instanceof RequestBody ? source : new RequestBody(source);
  }

  update(source: unknown): void {
    if (typeof source === "string") this.url = source;
    if (!isObject(source)) return;
    if (source["url"] !== undefined) this.url = source["url"];
    if (source["method"] !== undefined) this.method = source["method"];
    const header = source["header"] ?? source["headers"];
    if (header !== undefined) this.headers = header;
    if (source["body"] !== undefined) this.body = source["body"];
    if (isObject(source["auth"])) this.auth = source["auth"];
  }

  getHeaders(options: { enabled?: boolean; ignoreCase?: boolean } = {}): Record<string, unknown> {
    return this.headers.toObject(options.enabled ?? false, !options.ignoreCase);
  }

  addHeader(header: unknown): void {
    this.headers.add(header);
  }

  upsertHeader(header: unknown): void {
    this.headers.upsert(header);
  }

  removeHeader(name: string): void {
    this.headers.remove(name);
  }

  forEachHeader(visit: (header: unknown) => void): void {
    this.headers.each(visit);
  }

  addQueryParams(params: unknown): void {
    this.url.addQueryParams(params);
  }

  removeQueryParams(params: string | string[]): void {
    this.url.removeQueryParams(params);
  }

  getBody(): string {
    return this.body?.toString() ?? "";
  }

  isEmpty(): boolean {
    return this.body?.isEmpty() ?? true;
  }

  toJSON(): Record<string, unknown> {
    const { url, method, headers: header, body, auth } = this;
    return {
      url,
      method,
      header,
      ...(body === undefined ? {} : { body }),
      ...(auth === undefined ? {} : { auth }),
    };
  }
}

/** What `pm.sendRequest` takes: a URL or a request with Postman's short forms. */
export function toHttpRequest(source: unknown): unknown {
  if (source instanceof Request) return source.toJSON();
  if (typeof source === "string" || source instanceof Url) {
    return { method: "GET", url: new Url(source), header: [] };
  }
  // Objects of postman-collection.
  if (isObject(source) && typeof source["toJSON"] === "function") return toHttpRequest(source["toJSON"]());
  if (!isObject(source)) throw new TypeError("pm.sendRequest needs a URL or a request object");
  const { url, method, header, headers, body, auth } = source;
  return {
    method: method === undefined ? "GET" : toString(method).toUpperCase(),
    url: new Url(url),
    header: new HeaderList(header ?? headers ?? []),
    ...(body === undefined || body === null ? {} : { body: new RequestBody(body) }),
    ...(isObject(auth) ? { auth } : {}),
  };
}
