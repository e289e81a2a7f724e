import { Response } from "./response.ts";

/** The part of chai 4 that Postman's assertions are built on. */
export interface Flags {
  _obj: unknown;
  assert(passed: boolean, message: string, negated: string, expected?: unknown, actual?: unknown): void;
}

export interface Chai {
  expect: (value: unknown, message?: string) => unknown;
  use(plugin: (chai: Chai, utils: ChaiUtils) => void): void;
  Assertion: {
    new (value: unknown): Flags;
    addProperty(name: string, getter: (this: Flags) => void): void;
    addMethod(name: string, method: (this: Flags, ...values: unknown[]) => void): void;
    overwriteProperty(name: string, change: (original: (this: Flags) => void) => (this: Flags) => void): void;
    overwriteMethod(name: string, change: (original: Method) => Method): void;
  };
}
type Method = (this: Flags, ...values: unknown[]) => void;
export interface ChaiUtils {
  inspect: (value: unknown) => string;
  eql: (left: unknown, right: unknown) => boolean;
}

/** The response that an assertion is about. */
export function response(flags: Flags, assertion: string): Response {
  if (flags._obj instanceof Response) return flags._obj;
  throw new TypeError(`.${assertion} needs a response, as in pm.response.to.have.${assertion}`);
}
