import { Request } from "./request.ts";
import { Response } from "./response.ts";

/** The part of chai 4 that Postman's assertions are built on. */
export interface Flags {
  _obj: unknown;
  assert(passed: unknown, message: string, negated: string, expected?: unknown, actual?: unknown): void;
}

export type Getter = (this: Flags) => void;
export type Method = (this: Flags, ...values: unknown[]) => void;

export interface AssertionClass {
  new (value: unknown): Flags;
  addProperty(name: string, getter: Getter): void;
  addMethod(name: string, method: Method): void;
  addChainableMethod(name: string, method: Method, getter: Getter): void;
  overwriteProperty(name: string, change: (original: Getter) => Getter): void;
  overwriteMethod(name: string, change: (original: Method) => Method): void;
}

export interface Chai {
  expect: (value: unknown, message?: string) => unknown;
  use(plugin: (chai: Chai, utils: ChaiUtils) => void): void;
  Assertion: AssertionClass;
}

export interface ChaiUtils {
  eql: (left: unknown, right: unknown) => boolean;
  flag: (flags: Flags, name: string, value?: unknown) => unknown;
}

export function addKinds(Assertion: AssertionClass): void {
  const kinds: Record<string, [words: string, isIt: (value: unknown) => boolean]> = {
    postmanRequest: ["request", (value) => Request.isRequest(value)],
    postmanResponse: ["response", (value) => Response.isResponse(value)],
    postmanRequestOrResponse: [
      "request or response",
      (value) => Request.isRequest(value) || Response.isResponse(value),
    ],
  };
  for (const [name, [words, isIt]] of Object.entries(kinds)) {
    Assertion.addProperty(name, function () {
      const text = `expecting a postman ${words} object`;
      this.assert(isIt(this._obj), `${text} but got #{this}`, `not ${text}`);
    });
  }
}

/** The response that an assertion is about; anything else fails the assertion. */
export function response(Assertion: AssertionClass, { _obj }: Flags): Response {
  if (_obj instanceof Response) return _obj;
  new Assertion(_obj).assert(
    false,
    "expecting a postman response object but got #{this}",
    "not expecting a postman response object",
  );
  // The assertion above throws; for the compiler only.
  throw new TypeError("not a response");
}
