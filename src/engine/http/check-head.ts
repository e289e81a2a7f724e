import type { HeaderList } from "../types.ts";
import { HttpError } from "./errors.ts";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Controls, and what does not fit into one byte. */
const badValue = /[^\t\x20-\x7e\x80-\xff]/;
const badPath = /[^\x21-\xff]/;

/** Throws what Postman says about a head that would not be HTTP: it would end early, or smuggle a second request. */
export function checkHead(method: string, path: string, headers: HeaderList): void {
  if (badPath.test(path))
    throw invalid("Request path contains unescaped characters", "ERR_UNESCAPED_CHARACTERS");
  if (!token.test(method))
    throw invalid(`Method must be a valid HTTP token [${quote(method)}]`, "ERR_INVALID_HTTP_TOKEN");
  for (const [name, value] of headers) {
    if (!token.test(name))
      throw invalid(`Header name must be a valid HTTP token [${quote(name)}]`, "ERR_INVALID_HTTP_TOKEN");
    if (badValue.test(value))
      throw invalid(`Invalid character in header content [${quote(name)}]`, "ERR_INVALID_CHAR");
  }
}

const invalid = (message: string, code: string): HttpError => new HttpError("request", message, code);

const quote = (text: string): string => `"${text}"`;
