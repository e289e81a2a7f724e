import type { ScriptCookie, ScriptHttpResponse } from "../protocol.ts";
import type { Bridge } from "./bridge.ts";
import { CookieList } from "./cookies.ts";
import { parse } from "./json-text.ts";
import { HeaderList } from "./property-list.ts";

export type ResponseHead = Omit<ScriptHttpResponse, "bodyBase64">;

/** Where the body comes from; it is decoded on first use only. */
export interface BodySource {
  text(): string;
  base64(): string;
}

/** The body of the response under test stays outside the realm until a script asks for it. */
export const hostBody = (bridge: Bridge): BodySource => ({
  text: () => bridge.call("bodyText"),
  base64: () => bridge.call("bodyBase64"),
});

export const base64Body = (bridge: Bridge, base64: string): BodySource => ({
  text: () => bridge.call("decode", base64),
  base64: () => base64,
});

/** `pm.response`, and what `pm.sendRequest` gives. */
export class Response {
  readonly code: number;
  readonly status: string;
  readonly headers: HeaderList;
  readonly responseTime: number;
  readonly responseSize: number;
  readonly cookies: CookieList;
  readonly #head: ResponseHead;
  readonly #body: BodySource;
  #text: string | undefined;

  constructor(head: ResponseHead, body: BodySource, cookies: ScriptCookie[]) {
    this.#head = head;
    this.#body = body;
    this.code = head.code;
    this.status = head.status;
    this.headers = new HeaderList(head.header.map(([key, value]) => ({ key, value })));
    this.responseTime = head.responseTimeMs;
    this.responseSize = head.bodyBytes;
    this.cookies = new CookieList(cookies);
  }

  text(): string {
    this.#text ??= this.#body.text();
    return this.#text;
  }

  get body(): string {
    return this.text();
  }

  get stream(): Uint8Array {
    return Uint8Array.fromBase64(this.#body.base64());
  }

  json(reviver?: (this: unknown, key: string, value: unknown) => unknown): unknown {
    return parseJson(this.text(), reviver);
  }

  jsonp(reviver?: (this: unknown, key: string, value: unknown) => unknown): unknown {
    const [, inner = this.text()] = /^[^(]*\(([\s\S]*)\)[\s;]*$/.exec(this.text()) ?? [];
    return parseJson(inner, reviver);
  }

  reason(): string {
    return this.status;
  }

  dataURI(): string {
    return `data:${this.#contentType()};base64, ${this.#body.base64()}`;
  }

  size(): { body: number; header: number; total: number } {
    const { bodyBytes: body, headerBytes: header } = this.#head;
    return { body, header, total: body + header };
  }

  details(): { code: number; name: string; detail: string; standardName: string } {
    return { code: this.code, name: this.status, detail: "", standardName: this.status };
  }

  contentInfo(): Record<string, string> {
    const contentType = this.#contentType();
    const charset = /charset="?([^;"\s]+)/i.exec(this.headers.get("content-type") ?? "")?.[1] ?? "utf8";
    const [type = "", subtype = ""] = contentType.split("/");
    const isText = type === "text" || /json|xml|html|javascript/.test(subtype);
    const extension = /json|xml|html|javascript/.exec(subtype)?.[0] ?? (subtype || "txt");
    return {
      contentType,
      mimeType: isText ? "text" : type,
      mimeFormat: isText && type !== "text" ? extension : subtype,
      charset: charset.replace(/^utf-8$/i, "utf8"),
      fileExtension: extension,
      fileName: `response.${extension}`,
    };
  }

  #contentType(): string {
    return (this.headers.get("content-type") ?? "text/plain").split(";", 1)[0]?.trim() ?? "";
  }

  toJSON(): Record<string, unknown> {
    const { code, status, headers: header, responseTime, responseSize } = this;
    return { code, status, header, responseTime, responseSize, body: this.text() };
  }
}

function parseJson(text: string, reviver?: (this: unknown, key: string, value: unknown) => unknown): unknown {
  const source = text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text;
  try {
    return parse(source, reviver);
  } catch (error) {
    throw jsonError(source, error);
  }
}

/** Scripts and people know the wording of Postman's parser; only the common shapes are told apart. */
function jsonError(text: string, error: unknown): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const name = "JSONError";
  const trimmed = text.trim();
  const message =
    trimmed === ""
      ? "No data, empty input at 1:1\n^"
      : trimmed.startsWith("<")
        ? `Unexpected token '<' at 1:1\n${text.split("\n", 1)[0]?.slice(0, 60)}\n^`
        : `Invalid JSON: ${error.message}`;
  return Object.assign(new Error(message), { name });
}
