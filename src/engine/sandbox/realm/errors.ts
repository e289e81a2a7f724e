import { toV8Message } from "./v8-messages.ts";

/** Errors that the engine itself throws. Those of libraries and scripts have other names, or messages that are not known. */
const native = new Set(["TypeError", "ReferenceError", "RangeError", "SyntaxError", "URIError"]);

/** Words an error as Postman's engine does, in place: this is the error that the script goes on with. */
export function reword<T>(thrown: T): T {
  try {
    if (!(thrown instanceof Error) || !native.has(thrown.name)) return thrown;
    const { message } = thrown;
    const reworded = toV8Message(message);
    if (reworded !== message) thrown.message = reworded;
  } catch {
    // A script can make errors that cannot be read or changed: then it knows its own.
  }
  return thrown;
}

/** The message of an error of that name, as Postman's engine words it. */
export const rewordedMessage = (name: string, message: string): string =>
  native.has(name) ? toV8Message(message) : message;

/**
 * Makes promises hand on errors in that wording, too. `await` does not come this way: what it throws is caught by code, and
 * there the compiler of scripts puts the call in.
 */
export function rewordRejections(): void {
  // Any object: what `then` is called on is for the engine to judge.
  const prototype: { then: unknown } = Promise.prototype;
  const original = prototype.then as Method;
  // `catch` and `finally` come this way, too.
  const value = function (this: unknown, onFulfilled: unknown, onRejected?: unknown): unknown {
    return Reflect.apply(original, this, [onFulfilled, rewording(onRejected)]);
  };
  // oxlint-disable-next-line unicorn/no-thenable -- This is the method of promises itself.
  const method: PropertyKey = "then";
  Object.defineProperty(value, "name", { value: method });
  Reflect.defineProperty(prototype, method, { value, writable: true, configurable: true });
}

type Method = (this: unknown, ...values: unknown[]) => unknown;

const rewording = (onRejected: unknown): unknown =>
  typeof onRejected === "function"
    ? (error: unknown): unknown => Reflect.apply(onRejected, undefined, [reword(error)])
    : onRejected;
