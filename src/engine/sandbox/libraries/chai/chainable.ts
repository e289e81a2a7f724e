import config from "chai/lib/chai/config.js";

import {
  Assertion,
  next,
  readBy,
  standsFor,
  startAt,
  type Start,
  type Subject,
  subjectOf,
} from "./assertion.ts";
import { isMisspelt, misspelt, namesOf } from "./misspelt.ts";

type Method = (this: Subject, ...values: unknown[]) => unknown;
type Change = (original: Method) => Method;

interface Behaviour {
  method: Method;
  chainingBehavior: Method;
}

/** `__methods` is where plugins find the behaviour. */
type Holder = object & { __methods?: Record<string, Behaviour> };

/** A method whose name alone is a word of the chain, too: `to.include("a")`, `to.include.keys("a")`. */
export function addChainableMethod(
  holder: Holder,
  name: string,
  method: Method,
  chainingBehavior: unknown,
): void {
  const behaviour: Behaviour = {
    method,
    chainingBehavior: typeof chainingBehavior === "function" ? (chainingBehavior as Method) : () => undefined,
  };
  holder.__methods ??= {};
  holder.__methods[name] = behaviour;

  const chainableMethodWrapper = function (this: Subject, ...values: unknown[]): unknown {
    const subject = subjectOf(this);
    startAt(subject, chainableMethodWrapper);
    const result = behaviour.method.apply(subject, values);
    return result === undefined ? next(subject) : result;
  };
  names.set(chainableMethodWrapper, name);
  Object.setPrototypeOf(chainableMethodWrapper, Assertion.prototype);
  // All accesses share it: nothing may be kept on it.
  Object.freeze(chainableMethodWrapper.prototype);
  Object.freeze(chainableMethodWrapper);
  Object.defineProperty(holder, name, {
    get(this: Subject) {
      behaviour.chainingBehavior.call(this);
      return new Proxy(chainableMethodWrapper, new Handler(this));
    },
    configurable: true,
  });
}

export function overwriteChainableMethod(
  holder: Holder,
  name: string,
  method: Change,
  chainingBehavior: Change,
): void {
  const behaviour = holder.__methods?.[name];
  if (!behaviour) throw new TypeError(`${name} is not a chainable method`);
  const { method: originalMethod, chainingBehavior: originalChaining } = behaviour;
  behaviour.chainingBehavior = function () {
    const result = chainingBehavior(originalChaining).call(this);
    return result === undefined ? next(this) : result;
  };
  behaviour.method = function (...values) {
    const result = method(originalMethod).apply(this, values);
    return result === undefined ? next(this) : result;
  };
}

const names = new WeakMap<object, string>();
/** What stands in for an assertion once a property was added. */
const extended = new WeakSet<object>();

const ofFunctions = new Map<PropertyKey, unknown>(
  ["call", "apply"].map((name) => [name, Reflect.get(Function.prototype, name) as unknown]),
);
/** In the order in which a misspelt name is compared with them. */
const ownNames = ["length", "name", "prototype", "call", "apply"];

/** All accesses of a method share one function; before it, each stands for the assertion that it was read from. */
class Handler implements ProxyHandler<Method> {
  // Declared only: a definition would be a call of its own.
  declare assertion: Subject;

  constructor(assertion: Subject) {
    this.assertion = assertion;
  }

  get(method: Method, key: PropertyKey): unknown {
    const { assertion } = this;
    if (key === standsFor) return assertion;
    if (key === "name" || key === "prototype") return method[key];
    if (key === "length") {
      const name = names.get(method);
      throw new Error(
        `Invalid Chai property: ${name}.length. Due to a compatibility issue, "length" cannot directly follow "${name}". Use "${name}.lengthOf" instead.`,
      );
    }
    if (ofFunctions.has(key)) return ofFunctions.get(key);
    if (!(key in assertion) && config.useProxy && isMisspelt(key)) {
      throw misspelt(key, [...ownNames, ...namesOf(assertion)]);
    }
    readBy(handlerGet);
    try {
      return Reflect.get(assertion, key) as unknown;
    } finally {
      readBy(undefined);
    }
  }

  set(_method: Method, key: PropertyKey, value: unknown): boolean {
    // The assertion itself does not get the property.
    if (!extended.has(this.assertion)) {
      this.assertion = Object.create(this.assertion) as Subject;
      extended.add(this.assertion);
    }
    return Reflect.set(this.assertion, key, value);
  }

  has(method: Method, key: PropertyKey): boolean {
    return ofFunctions.has(key) || key in this.assertion || key in method;
  }
}

const handlerGet: Start = Reflect.get(Handler.prototype, "get");
