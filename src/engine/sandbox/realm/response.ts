import type { ScriptHttpResponse } from "../protocol.ts";
import type { Bridge } from "./bridge.ts";
import { CookieList } from "./cookies.ts";
import { parse, stringify } from "./json-text.ts";
import type { PostmanJson } from "./json.ts";
import { HeaderList, PropertyList } from "./property-list.ts";
import { Part } from "./property.ts";
import { atob, uuid } from "./web.ts";

export type ResponseHead = Omit<ScriptHttpResponse, "bodyBase64"> & {
  /** The body as scripts see it, in bytes; `bodyBytes` is what came over the wire. */
  decodedBytes: number;
};

/** Where the body comes from; it is decoded on first use only. */
export interface BodySource {
  text(charset: string): string;
  base64(): string;
  randomBytes(): string;
}

/** The body of the response under test stays outside the realm until a script asks for it. */
export const hostBody = (bridge: Bridge): BodySource => ({
  text: (charset) =>
    isUtf8.test(charset) ? bridge.call("bodyText") : decodeAs(bridge, charset, bridge.call("bodyBase64")),
  base64: () => bridge.call("bodyBase64"),
  randomBytes: () => bridge.call("random", "", 16),
});

export const base64Body = (bridge: Bridge, base64: string): BodySource => ({
  ...hostBody(bridge),
  text: (charset) =>
    isUtf8.test(charset) ? bridge.call("decode", base64) : decodeAs(bridge, charset, base64),
  base64: () => base64,
});

const isUtf8 = /^utf-?8$/i;
/** One byte is one character here; what web pages mean by these names differs in the controls above 127. */
const isLatin1 = /^(?:iso-?8859-?1|latin-?1|binary)$/i;

/** An unknown charset is taken for UTF-8. */
function decodeAs(bridge: Bridge, label: string, base64: string): string {
  if (isLatin1.test(label)) return atob(base64);
  // The host wrote this text.
  const answer = parse(bridge.call("decodeAs", stringify({ label, fatal: false, base64 }))) as {
    text?: string;
  };
  return answer.text ?? bridge.call("decode", base64);
}

/** Loads a bundle that scripts cannot name: what is asked for seldom is told by Postman's own libraries. */
type Internal = (name: string) => unknown;
type Reviver = (this: unknown, key: string, value: unknown) => unknown;
interface Reason {
  name: string;
  detail: string;
}

/** `pm.response`, and what `pm.sendRequest` gives. */
export class Response extends Part {
  readonly code: number;
  readonly status: string;
  readonly headers: HeaderList;
  readonly cookies: CookieList;
  readonly responseTime: number;
  readonly responseSize: number;
  readonly #body: BodySource;
  readonly #bodyBytes: number;
  readonly #json: PostmanJson;
  readonly #internal: Internal;
  #text: string | undefined;
  #stream: Uint8Array | undefined;
  #id: string | undefined;

  constructor(head: ResponseHead, body: BodySource, json: PostmanJson, internal: Internal) {
    super();
    this.#body = body;
    this.#json = json;
    this.#internal = internal;
    this.code = head.code;
    this.status = head.status;
    const headers = new HeaderList(head.header.map(([key, value]) => ({ key, value })));
    this.headers = PropertyList.setParent(headers, this);
    this.cookies = new CookieList([]);
    this.responseTime = head.responseTimeMs;
    this.#bodyBytes = head.bodyBytes;
    this.responseSize = head.decodedBytes;
  }

  static isResponse(value: unknown): value is Response {
    return value instanceof Response;
  }

  /** Made up when asked for: nothing else knows it. */
  get id(): string {
    this.#id ??= uuid(Uint8Array.fromBase64(this.#body.randomBytes()));
    return this.#id;
  }

  /** The body as bytes. */
  get stream(): Uint8Array {
    if (!this.#stream) {
      const { Buffer } = this.#internal("buffer") as {
        Buffer: { from(text: string, from: "base64"): Uint8Array };
      };
      this.#stream = Buffer.from(this.#body.base64(), "base64");
    }
    return this.#stream;
  }

  text(): string {
    this.#text ??= this.#body.text(this.#charset()).replace(/^\ufeff/, "");
    return this.#text;
  }

  #charset(): string {
    return (
      /(?:charset|encoding)\s*=\s*['"]? *([\w-]+)/i.exec(this.headers.get("content-type") ?? "")?.[1] ??
      "utf8"
    );
  }

  json(reviver?: Reviver): unknown {
    return this.#json.parse(this.text(), reviver);
  }

  jsonp(reviver?: Reviver): unknown {
    const text = this.text();
    const [, inner = text] = /^[^(]*\(([\s\S]*)\)[\s;]*$/.exec(text) ?? [];
    return this.#json.parse(inner, reviver);
  }

  reason(): string {
    return this.status || this.#reason().name;
  }

  details(): Reason & { code: number; standardName: string } {
    const { name, detail } = this.#reason();
    return { name: this.status || name, detail, code: this.code, standardName: name };
  }

  #reason(): Reason {
    const reasons = this.#internal("http-reasons") as { lookup(code: number): Partial<Reason> };
    const { name = "", detail = "" } = reasons.lookup(this.code);
    return { name, detail };
  }

  contentInfo(): Record<string, string> {
    const library = this.#internal("content-info") as {
      contentInfo(response: Response): Record<string, string>;
    };
    return library.contentInfo(this);
  }

  mime(): never {
    throw new Error("`Response#mime` has been discontinued, use `Response#contentInfo` instead.");
  }

  encoding(): { format?: string; source?: string } {
    const declared = this.headers.get("Content-Encoding");
    if (declared) return { format: declared, source: "header" };
    const [first, second, third] = this.stream;
    return first === 0x1f && second === 0x8b && third === 8 ? { format: "gzip", source: "body" } : {};
  }

  dataURI(): string {
    return `data:${this.contentInfo()["contentType"]};base64, ${this.#body.base64()}`;
  }

  /** In bytes; headers as Postman writes them out, which is not exactly what came over the wire. */
  size(): { body: number; header: number; total: number } {
    const header = `HTTP/X.X ${this.code} ${this.reason()}\r\n\r\n`.length + this.headers.contentSize();
    return { body: this.#bodyBytes, header, total: this.#bodyBytes + header };
  }

  override toJSON(): Record<string, unknown> {
    const { id, status, code, headers: header, stream, cookies: cookie, responseTime, responseSize } = this;
    return { id, status, code, header, stream, cookie, responseTime, responseSize };
  }
}
