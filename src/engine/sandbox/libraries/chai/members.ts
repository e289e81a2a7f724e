import config from "chai/lib/chai/config.js";

import { flag, next, type Start, startAt, startPropertyAt, type Subject, subjectOf } from "./assertion.ts";
import { isMisspelt, notCalled } from "./misspelt.ts";

type Getter = (this: Subject) => unknown;
type Method = (this: Subject, ...values: unknown[]) => unknown;
type Holder = Record<string, unknown>;

/** A word of the chain, or an assertion without brackets. */
export function addProperty(holder: Holder, name: string, getter?: Getter): void {
  const propertyGetter: Getter & Start = getter
    ? function () {
        startPropertyAt(this, propertyGetter);
        const result = getter.call(this);
        return result === undefined ? next(this) : result;
      }
    : function () {
        return next(this);
      };
  Object.defineProperty(holder, name, { get: propertyGetter, configurable: true });
}

export function addMethod(holder: Holder, name: string, method: Method): void {
  const methodWrapper = function (this: Subject, ...values: unknown[]) {
    const subject = typeof this === "function" ? subjectOf(this) : this;
    startAt(subject, methodWrapper);
    const result = method.apply(subject, values);
    return result === undefined ? next(subject) : result;
  };
  holder[name] = guard(methodWrapper, name);
}

export function overwriteProperty(holder: Holder, name: string, change: (original: Getter) => Getter): void {
  const known: unknown = Reflect.get(Object.getOwnPropertyDescriptor(holder, name) ?? {}, "get");
  const original = typeof known === "function" ? (known as Getter) : () => undefined;
  const overwritingPropertyGetter: Getter & Start = function () {
    startPropertyAt(this, overwritingPropertyGetter);
    const result = locked(this, () => change(original).call(this));
    return result === undefined ? next(this) : result;
  };
  Object.defineProperty(holder, name, { get: overwritingPropertyGetter, configurable: true });
}

export function overwriteMethod(holder: Holder, name: string, change: (original: Method) => Method): void {
  const known = name in holder ? holder[name] : undefined;
  const original: Method =
    typeof known === "function"
      ? (known as Method)
      : () => {
          throw new Error(`${name} is not a function`);
        };
  const overwritingMethodWrapper = function (this: Subject, ...values: unknown[]) {
    const subject = typeof this === "function" ? subjectOf(this) : this;
    startAt(subject, overwritingMethodWrapper);
    const result = locked(subject, () => change(original).apply(subject, values));
    return result === undefined ? next(subject) : result;
  };
  holder[name] = guard(overwritingMethodWrapper, name);
}

/** Failures inside keep the start of their stack. */
function locked(subject: Subject, run: () => unknown): unknown {
  const before = flag(subject, "lockSsfi");
  flag(subject, "lockSsfi", true);
  const result = run();
  flag(subject, "lockSsfi", before);
  return result;
}

const names = new WeakMap<object, string>();

const endOfMethods: object = new Proxy(Object.create(Function.prototype) as object, {
  get(target, key, method: object) {
    const name = names.get(method);
    if (name !== undefined && !(key in target) && isMisspelt(key)) throw notCalled(name, key);
    return Reflect.get(target, key, method) as unknown;
  },
});

/** What is called on methods is found before the end is asked. */
const methods = Object.create(endOfMethods) as object;
for (const name of ["call", "apply", "bind"]) {
  Object.defineProperty(methods, name, { value: Reflect.get(Function.prototype, name) as unknown });
}

const lengthGuard: PropertyDescriptor & ThisType<object> = {
  get() {
    throw notCalled(names.get(this) ?? "", "length");
  },
};

/** Reading a property of a method is a mistake: the method has to be called first. */
function guard<T extends object>(method: T, name: string): T {
  names.set(method, name);
  Object.defineProperty(method, "length", lengthGuard);
  return config.useProxy ? (Object.setPrototypeOf(method, methods) as T) : method;
}
