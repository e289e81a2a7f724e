import { addKinds, type AssertionClass, type Chai, type ChaiUtils, type Flags, response } from "./chai.ts";
import { reword } from "./errors.ts";
import { addStatusAssertions } from "./expect-status.ts";
import type { Modules } from "./modules.ts";
import { PropertyList } from "./property-list.ts";
import { Request } from "./request.ts";
import { Response } from "./response.ts";

/** chai with Postman's assertions about responses, set up on the first `pm.expect` of a realm. */
export function createExpect(modules: Modules): () => Chai["expect"] {
  let expect: Chai["expect"] | undefined;
  return () => {
    if (!expect) {
      // chai is bundled with this version; its shape is known.
      const chai = modules.internal("chai") as Chai;
      chai.use(({ Assertion }, utils) => {
        rewordThrown(Assertion);
        addKinds(Assertion);
        addStatusAssertions(Assertion);
        addHeader(Assertion);
        addBody(Assertion, utils);
        addJsonBody(Assertion, utils);
        addSizes(Assertion, utils);
        addSchema(Assertion, modules);
      });
      expect = chai.expect;
    }
    return expect;
  };
}

/** `to.throw(…)` sees errors in the wording that scripts know. */
function rewordThrown(Assertion: AssertionClass): void {
  for (const name of ["throw", "throws", "Throw"]) {
    Assertion.overwriteMethod(name, (original) => {
      return function (...values) {
        const { _obj: tested } = this;
        if (typeof tested === "function") {
          this._obj = Object.assign(() => {
            try {
              return Reflect.apply(tested, undefined, []) as unknown;
            } catch (error) {
              throw reword(error);
            }
          });
        }
        Reflect.apply(original, this, values);
      };
    });
  }
}

function addHeader(Assertion: AssertionClass): void {
  Assertion.addMethod("header", function (...wanted) {
    const { _obj: subject } = this;
    if (!(subject instanceof Request || subject instanceof Response)) {
      const text = "expecting a postman request or response object";
      new Assertion(subject).assert(false, `${text} but got #{this}`, `not ${text}`);
      return;
    }
    const kind = subject instanceof Request ? "request" : "response";
    const [name, value] = wanted;
    const list: unknown = subject.headers;
    const found = list instanceof PropertyList ? list.one(name) : undefined;
    const text = `have header with key '${String(name)}'`;
    this.assert(
      found,
      `expected ${kind} to ${text}`,
      `expected ${kind} to not ${text}`,
      true,
      found !== undefined,
    );
    if (wanted.length < 2) return;
    const subjectText = `expected '${String(name)}' ${kind} header to`;
    this.assert(
      found?.value === value,
      `${subjectText} be #{exp} but got #{act}`,
      `${subjectText} not be #{act}`,
      value,
      found?.value,
    );
  });
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

const hasContent = (flags: Flags, text: string) =>
  flags.assert(
    text,
    "expected response to have content in body",
    "expected response to not have content in body",
  );

function addBody(Assertion: AssertionClass, { eql }: ChaiUtils): void {
  Assertion.addProperty("withBody", function () {
    hasContent(this, response(Assertion, this).text());
  });
  Assertion.addMethod("body", function (...values) {
    const found = response(Assertion, this);
    const [wanted] = values;
    if (isPlainObject(wanted)) {
      const { value } = readJson(found);
      const text = "expected response body json to";
      this.assert(
        eql(value, wanted),
        `${text} equal #{exp} but got #{act}`,
        `${text} not equal #{exp} but got #{act}`,
        wanted,
        value,
      );
      return;
    }
    const body = found.text();
    if (values.length === 0) return hasContent(this, body);
    if (wanted instanceof RegExp) {
      this.assert(
        wanted.exec(body),
        "expected response body text to match #{exp} but got #{act}",
        "expected response body text #{act} to not match #{exp}",
        wanted,
        body,
      );
      return;
    }
    this.assert(
      body === wanted,
      "expected response body to equal #{exp} but got #{act}",
      "expected response body to not equal #{exp}",
      wanted,
      body,
    );
  });
}

const isJson = (flags: Flags, error: string | undefined) =>
  flags.assert(
    error === undefined,
    `expected response body to be a valid json but got error ${error}`,
    "expected response body not to be a valid json",
  );

/** `json`, `jsonBody()`, `jsonBody("a.b")`, `jsonBody("a.b", value)`; with an object Postman compares nothing. */
function addJsonBody(Assertion: AssertionClass, { eql }: ChaiUtils): void {
  Assertion.addProperty("json", function () {
    isJson(this, readJson(response(Assertion, this)).error);
  });
  Assertion.addMethod("jsonBody", function (...wanted) {
    const { value: body, error } = readJson(response(Assertion, this));
    const [path, expected] = wanted;
    if (wanted.length === 0) return isJson(this, error);
    if (typeof path !== "string") return;
    const { exists, value } = readPath(body, path);
    this.assert(
      exists,
      "expected #{act} in response to contain property #{exp}",
      "expected #{act} in response to not contain property #{exp}",
      path,
      body,
    );
    if (wanted.length === 1) return;
    const text = `expected response body json at "${path}" to`;
    this.assert(
      eql(value, expected),
      `${text} contain #{exp} but got #{act}`,
      `${text} not contain #{exp} but got #{act}`,
      expected,
      value,
    );
  });
}

/** The body as JSON, or what is wrong with it, on one line. */
function readJson(found: Response): { value?: unknown; error?: string } {
  try {
    return { value: found.json() };
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return { error: name === "JSONError" ? message.replace(/(.*?)\n.*/g, "$1") : `${name}: ${message}` };
  }
}

/** What follows `responseTime` and `responseSize` in the chain looks at the number. */
function addSizes(Assertion: AssertionClass, { flag, eql }: ChaiUtils): void {
  const takeNumber = (read: (found: Response) => number) =>
    function (this: Flags) {
      const number = read(response(Assertion, this));
      flag(this, "number", number);
      this._obj = number;
    };
  Assertion.addChainableMethod(
    "responseTime",
    function (...wanted) {
      const number = flag(this, "number");
      const text = "expected response to have a valid response time but got #{act}";
      const negated = "expected response to not have a valid response time but got #{act}";
      this.assert(typeof number === "number", text, negated, null, number);
      if (wanted.length > 0) this.assert(eql(number, wanted[0]), text, negated, null, number);
    },
    takeNumber((found) => found.responseTime),
  );
  Assertion.addChainableMethod(
    "responseSize",
    function (...wanted) {
      const number = flag(this, "number");
      const text = "expected response size to";
      if (wanted.length === 0) return;
      this.assert(
        eql(number, wanted[0]),
        `${text} equal #{act} but got #{exp}`,
        `${text} not equal #{act} but got #{exp}`,
        wanted[0],
        number,
      );
    },
    takeNumber((found) => found.size().total),
  );
}

function addSchema(Assertion: AssertionClass, modules: Modules): void {
  Assertion.addMethod("jsonSchema", function (schema, options) {
    const value = this._obj instanceof Response ? this._obj.json() : this._obj;
    const Ajv = modules.internal("ajv") as new (options: object) => AjvValidator;
    const validator = new Ajv({ allErrors: true, logger: false, ...(options as object) });
    const valid = validator.validate(schema, value);
    const text = `expected data to satisfy schema but found following errors: \n${validator.errorsText()}`;
    this.assert(valid, text, "expected data to not satisfy schema", true, valid);
  });
}

interface AjvValidator {
  validate(schema: unknown, value: unknown): boolean;
  errorsText(): string;
}

function readPath(body: unknown, path: string): { exists: boolean; value: unknown } {
  let value = body;
  for (const key of path
    .replaceAll(/\[(\w+)\]/g, ".$1")
    .split(".")
    .filter(Boolean)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) {
      return { exists: false, value: undefined };
    }
    value = (value as Record<string, unknown>)[key];
  }
  return { exists: true, value };
}
