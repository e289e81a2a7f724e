import { type Chai, type ChaiUtils, type Flags, response } from "./chai.ts";
import { addStatusAssertions } from "./expect-status.ts";
import type { Modules } from "./modules.ts";
import { PropertyList } from "./property-list.ts";
import { Response } from "./response.ts";

/** chai with Postman's assertions about responses, set up on the first `pm.expect` of a realm. */
export function createExpect(modules: Modules): () => Chai["expect"] {
  let expect: Chai["expect"] | undefined;
  return () => {
    if (!expect) {
      // chai is bundled with this version; its shape is known.
      const chai = modules.require("chai") as Chai;
      chai.use(({ Assertion }, utils) => {
        addStatusAssertions(Assertion);
        addContentAssertions(Assertion, utils, modules);
        addSizeAssertions(Assertion);
      });
      expect = chai.expect;
    }
    return expect;
  };
}

function addContentAssertions(Assertion: Chai["Assertion"], utils: ChaiUtils, modules: Modules): void {
  Assertion.addMethod("header", function (...wanted) {
    const [name, value] = wanted;
    const { headers } = this._obj as { headers?: unknown };
    if (!(headers instanceof PropertyList)) throw new TypeError("expected a request or a response");
    const actual = headers.get(String(name)) as string | undefined;
    if (wanted.length < 2) {
      const text = `to have header with key '${String(name)}'`;
      return this.assert(
        headers.has(String(name)),
        `expected response ${text}`,
        `expected response to not ${text.slice(3)}`,
      );
    }
    const text = `'${String(name)}' response header to`;
    const matches = value instanceof RegExp ? value.test(actual ?? "") : actual === value;
    this.assert(
      matches,
      `expected ${text} be '${String(value)}' but got '${String(actual)}'`,
      `expected ${text} not be '${String(value)}'`,
      value,
      actual,
    );
  });
  Assertion.addMethod("body", function (...wanted) {
    const text = response(this, "body").text();
    const [value] = wanted;
    if (wanted.length === 0) {
      return this.assert(
        text !== "",
        "expected response to have content in body",
        "expected response to not have content in body",
      );
    }
    if (typeof value === "object" && value !== null && !(value instanceof RegExp)) {
      return jsonEquals(utils, this, [value]);
    }
    const matches = value instanceof RegExp ? value.test(text) : text === String(value);
    const shown = utils.inspect(text);
    this.assert(
      matches,
      `expected response body ${value instanceof RegExp ? "text to match" : "to equal"} ${utils.inspect(value)} but got ${shown}`,
      `expected response body to not equal ${utils.inspect(value)}`,
      value,
      text,
    );
  });
  Assertion.addMethod("jsonBody", function (...wanted) {
    jsonEquals(utils, this, wanted);
  });
  Assertion.addProperty("json", function () {
    const found = response(this, "json");
    this.assert(
      parses(found),
      "expected response body to be a valid json",
      "expected response body not to be a valid json",
    );
  });
  Assertion.addProperty("withBody", function () {
    const text = response(this, "withBody").text();
    this.assert(
      text !== "",
      "expected response to have content in body",
      "expected response to not have content in body",
    );
  });
  Assertion.addProperty("withoutBody", function () {
    const text = response(this, "withoutBody").text();
    this.assert(
      text === "",
      "expected response to have no content in body",
      "expected response to have content in body",
    );
  });
  Assertion.addMethod("jsonSchema", function (schema, options) {
    const value = this._obj instanceof Response ? this._obj.json() : this._obj;
    const Ajv = modules.require("ajv") as new (options: object) => AjvValidator;
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

function addSizeAssertions(Assertion: Chai["Assertion"]): void {
  for (const [name, read] of Object.entries({
    responseTime: (found: Response) => found.responseTime,
    responseSize: (found: Response) => found.size().total,
  })) {
    Assertion.addProperty(name, function () {
      // As in Postman: what follows in the chain looks at the number.
      this._obj = read(response(this, name));
    });
  }
}

function parses(found: Response): boolean {
  try {
    found.json();
    return true;
  } catch {
    return false;
  }
}

/** `jsonBody()`, `jsonBody("a.b")`, `jsonBody("a.b", value)`, `jsonBody({ … })`. */
function jsonEquals(utils: ChaiUtils, flags: Flags, wanted: unknown[]): void {
  const found = response(flags, "jsonBody");
  const [first, second] = wanted;
  flags.assert(
    parses(found),
    "expected response body to be a valid json",
    "expected response body not to be a valid json",
  );
  if (wanted.length === 0) return;
  const body = found.json();
  if (typeof first !== "string") return deepEquals(utils, flags, body, first);
  const { exists, value } = readPath(body, first);
  if (wanted.length === 1) {
    return flags.assert(
      exists,
      `expected #{act} in response to contain property '${first}'`,
      `expected #{act} in response to not contain property '${first}'`,
      first,
      body,
    );
  }
  flags.assert(
    utils.eql(value, second),
    `expected response body json at "${first}" to contain #{exp} but got #{act}`,
    `expected response body json at "${first}" to not contain #{exp}`,
    second,
    value,
  );
}

function deepEquals({ eql }: ChaiUtils, flags: Flags, actual: unknown, expected: unknown): void {
  flags.assert(
    eql(actual, expected),
    "expected response body json to equal #{exp} but got #{act}",
    "expected response body json to not equal #{exp}",
    expected,
    actual,
  );
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
