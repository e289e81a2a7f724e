import { asArray, isObject, toText } from "../../json.ts";
import { parseUrl, urlText } from "../../url.ts";
import { PropertyList } from "./property-list.ts";
import { Part, Property, QueryParam, type PropertyFields } from "./property.ts";

/** A path variable: `:key` in the path stands for its value. */
class UrlVariable extends Property {
  constructor({ key, value, type = "any", ...others }: PropertyFields) {
    // In the order in which Postman writes them.
    super({ ...others, type, value, key } as PropertyFields);
  }
}

/** `pm.request.url`: the parts of a Postman URL; `{{names}}` stay as they are. */
export class Url extends Part {
  auth?: Record<string, unknown>;
  protocol?: string;
  port?: string;
  host: string[] = [];
  path: string[] = [];
  hash?: string;
  query = new PropertyList([], false, QueryParam);
  variables = new PropertyList([], false, UrlVariable);

  constructor(source: unknown) {
    super();
    this.update(source);
    PropertyList.setParent(this.query, this);
    PropertyList.setParent(this.variables, this);
  }

  static isUrl(value: unknown): value is Url {
    return value instanceof Url;
  }

  update(source: unknown): void {
    if (source instanceof Url) return this.update(source.toJSON());
    if (typeof source === "string") return this.#parse(source);
    if (!isObject(source)) return this.#parse("");
    if (source["host"] === undefined && source["path"] === undefined) {
      this.#parse(toText(source["raw"] ?? ""));
    } else {
      this.#adopt(source);
    }
    const variables = source["variable"] ?? source["variables"];
    this.variables.repopulate(
      Array.isArray(variables)
        ? variables.map((variable) =>
            isObject(variable) ? { ...variable, key: variable["key"] ?? variable["id"] } : variable,
          )
        : variables,
    );
    if (source["query"] !== undefined) this.query.repopulate(source["query"]);
  }

  #parse(text: string): void {
    const { protocol, user, password, host, port, path, query, hash } = parseUrl(text);
    this.#assign({ protocol, port, hash });
    if (user !== undefined || password !== undefined) this.auth = { user, password };
    this.host = host === "" ? [] : host.split(".");
    this.path = path === "" && !/^[^?#]*\/$/.test(text) ? [] : path.split("/");
    this.query.repopulate(query === undefined ? [] : parseQuery(query));
  }

  #adopt(source: Record<string, unknown>): void {
    this.#assign({
      protocol: optional(source["protocol"])?.replace("://", ""),
      port: optional(source["port"]),
      hash: optional(source["hash"]),
    });
    if (isObject(source["auth"])) this.auth = source["auth"];
    const { host, path } = source;
    this.host = Array.isArray(host) ? host.map(toText) : toText(host ?? "").split(".");
    const segments = Array.isArray(path)
      ? path
      : toText(path ?? "")
          .replace(/^\//, "")
          .split("/");
    this.path = asArray(segments).map((segment) => toText(isObject(segment) ? segment["value"] : segment));
    if (path === undefined) this.path = [];
  }

  #assign(parts: { protocol: string | undefined; port: string | undefined; hash: string | undefined }): void {
    for (const [key, value] of Object.entries(parts)) {
      // The three names are fields of this class.
      const field = key as "protocol" | "port" | "hash";
      if (value === undefined) delete this[field];
      else this[field] = value;
    }
  }

  getHost(): string {
    return this.host.join(".");
  }

  getPath(unresolved: unknown = false): string {
    const filled = this.path.map((segment) =>
      segment.startsWith(":") && !unresolved ? (this.variables.get(segment.slice(1)) ?? segment) : segment,
    );
    return `/${filled.map(toText).join("/")}`;
  }

  getQueryString(): string {
    return this.query.toString();
  }

  getPathWithQuery(): string {
    const query = this.getQueryString();
    return this.getPath() + (query ? `?${query}` : "");
  }

  getRemote(forcePort = false): string {
    const port = this.port ?? (forcePort ? (this.protocol === "https" ? "443" : "80") : undefined);
    return this.getHost() + (port ? `:${port}` : "");
  }

  getOAuth1BaseUrl(): string {
    const { protocol = "http", port } = this;
    const isUsual = port === undefined || port === "80" || port === "443";
    const host = this.getHost() + (isUsual ? "" : `:${port}`);
    return `${protocol.replace(/:\/\/$/, "")}://`.toLowerCase() + host.toLowerCase() + this.getPath();
  }

  getRaw(): never {
    throw new Error("`Url#getRaw` has been discontinued, use `Url#toString` instead.");
  }

  addQueryParams(params: unknown): void {
    const list = typeof params === "string" ? parseQuery(params) : params;
    this.query.populate(list);
  }

  removeQueryParams(params: unknown): void {
    const keys = [params].flat().map((param) => (isObject(param) ? param["key"] : param));
    this.query.remove((param: { key: string }) => keys.includes(param.key));
  }

  override toString(forceProtocol = false): string {
    const parts = this.#parts();
    return urlText(forceProtocol && !this.protocol ? { ...parts, protocol: "http" } : parts);
  }

  override toJSON(): Record<string, unknown> {
    const { auth, protocol, port, path, hash, host, query, variables } = this;
    const parts = {
      auth,
      protocol,
      port,
      path: path.length === 0 ? undefined : path,
      hash,
      host,
      query,
      variable: variables,
    };
    return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  }

  #parts(): Record<string, unknown> {
    const { auth, protocol, port, host, path, hash } = this;
    const parts: Record<string, unknown> = { auth, protocol, port, host, hash };
    if (path.length > 0) parts["path"] = path;
    if (this.query.members.length > 0) parts["query"] = this.query.members;
    if (this.variables.members.length > 0) parts["variable"] = this.variables.members;
    return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  }
}

const optional = (value: unknown): string | undefined =>
  value === undefined || value === null ? undefined : toText(value);

export function parseQuery(query: string): { key: string; value: string | null }[] {
  if (query === "") return [];
  return query.split("&").map((param) => {
    const equals = param.indexOf("=");
    if (equals === -1) return { key: param, value: null };
    return { key: param.slice(0, equals), value: param.slice(equals + 1) };
  });
}
