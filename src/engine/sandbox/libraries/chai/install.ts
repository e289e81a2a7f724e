import config from "chai/lib/chai/config.js";

import { Assertion, flag, setEquality, type Start, type Subject } from "./assertion.ts";

type Add = (holder: object, name: string, first: unknown, second: unknown) => void;

/** chai's tools, the parts that the class of assertions is made of. */
interface Tools extends Record<Adder, Add> {
  eql: (left: unknown, right: unknown) => boolean;
  test(subject: Subject, values: ArrayLike<unknown>): unknown;
  getMessage(subject: Subject, values: ArrayLike<unknown>): string;
  getActual(subject: Subject, values: ArrayLike<unknown>): unknown;
  getOperator(subject: Subject, values: ArrayLike<unknown>): string | undefined;
}

interface Chai {
  Assertion: unknown;
  AssertionError: new (message: string, members: object, start: unknown) => Error;
}

const adders = [
  "addProperty",
  "addMethod",
  "addChainableMethod",
  "overwriteProperty",
  "overwriteMethod",
  "overwriteChainableMethod",
] as const;
type Adder = (typeof adders)[number];

/** The plugin of chai that gives it the class of assertions. */
export function install(chai: Chai, tools: Tools): void {
  chai.Assertion = Assertion;
  setEquality(tools);
  for (const name of adders) addStatic(name, tools);
  for (const name of ["includeStack", "showDiff"] as const) addDeprecated(name);
  addAssert(chai.AssertionError, tools);
  Object.defineProperty(Assertion.prototype, "_obj", {
    get(this: Subject) {
      return flag(this, "object");
    },
    set(this: Subject, value: unknown) {
      flag(this, "object", value);
    },
  });
}

function addStatic(name: Adder, tools: Tools): void {
  const members: object = Assertion;
  Reflect.set(
    members,
    name,
    function (this: typeof Assertion, member: string, first: unknown, second: unknown) {
      tools[name](this.prototype, member, first, second);
    },
  );
}

function addDeprecated(name: "includeStack" | "showDiff"): void {
  const warn = () => {
    // oxlint-disable-next-line no-console -- The console of the script that asks.
    console.warn(`Assertion.${name} is deprecated, use chai.config.${name} instead.`);
  };
  Object.defineProperty(Assertion, name, {
    get() {
      warn();
      return config[name];
    },
    set(value: boolean) {
      warn();
      config[name] = value;
    },
  });
}

function addAssert(AssertionError: Chai["AssertionError"], tools: Tools): void {
  const { prototype }: { prototype: object & { assert?: Start } } = Assertion;
  /** `assert(passed, message, negatedMessage, expected, actual, showDiff)`: throws unless it passed. */
  prototype.assert = function (this: Subject & { assert: Start }, ...values: unknown[]): void {
    if (tools.test(this, values)) return;
    const [, , , expected, actual, showDiff] = values;
    const hasValues = expected !== undefined || actual !== undefined;
    const members: Record<string, unknown> = {
      actual: undefined,
      expected,
      showDiff: showDiff !== false && hasValues && Object.is(config.showDiff, true),
    };
    const message = tools.getMessage(this, values);
    members["actual"] = tools.getActual(this, values);
    const operator = tools.getOperator(this, values);
    if (operator) members["operator"] = operator;
    throw new AssertionError(message, members, config.includeStack ? this.assert : flag(this, "ssfi"));
  };
}
