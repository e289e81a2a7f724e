import { type AssertionClass, type Flags, type Method, response } from "./chai.ts";
import { Response } from "./response.ts";

const statusClasses = { info: 1, success: 2, redirection: 3, clientError: 4, serverError: 5 };

/** The words in capitals are what the reason of the response is compared with, those of Postman. */
const statusCodes: Record<string, [code: number, reason: string]> = {
  accepted: [202, "ACCEPTED"],
  withoutContent: [204, "NO CONTENT"],
  badRequest: [400, "BAD REQUEST"],
  unauthorized: [401, "UNAUTHORIZED"],
  unauthorised: [401, "UNAUTHORISED"],
  forbidden: [403, "FORBIDDEN"],
  notFound: [404, "NOT FOUND"],
  notAcceptable: [406, "ACCEPTABLE"],
  rateLimited: [429, "TOO MANY REQUESTS"],
};

/** `to.be.ok`, `to.be.clientError`, `to.have.status(…)` and the like, in Postman's words. */
export function addStatusAssertions(Assertion: AssertionClass): void {
  addClasses(Assertion);
  for (const [name, [code, reason]] of Object.entries(statusCodes)) {
    Assertion.addProperty(name, function () {
      assertReasonAndCode(this, response(Assertion, this), reason, code);
    });
  }
  Assertion.overwriteProperty("ok", (original) => {
    return function () {
      if (this._obj instanceof Response) assertReasonAndCode(this, this._obj, "OK", 200);
      else original.call(this);
    };
  });
  addMethods(Assertion);
}

function addClasses(Assertion: AssertionClass): void {
  const assertClass = (flags: Flags, wanted: unknown) => {
    const { code } = response(Assertion, flags);
    const isInClass = Math.floor(code / 100) === wanted;
    const text = "expected response code to";
    flags.assert(isInClass, `${text} be #{exp}XX but found #{act}`, `${text} not be #{exp}XX`, wanted, code);
  };
  Assertion.addMethod("statusCodeClass", function (wanted) {
    assertClass(this, wanted);
  });
  for (const [name, wanted] of Object.entries(statusClasses)) {
    Assertion.addProperty(name, function () {
      assertClass(this, wanted);
    });
  }
  Assertion.addProperty("error", function () {
    const { code } = response(Assertion, this);
    const text = "expected response code to";
    const isError = code >= 400 && code < 600;
    this.assert(isError, `${text} be 4XX or 5XX but found #{act}`, `${text} not be 4XX or 5XX`, null, code);
  });
}

function assertReasonAndCode(flags: Flags, found: Response, reason: string, code: number): void {
  assertReason(flags, found.reason().toUpperCase(), reason);
  assertCode(flags, found.code, code);
}

function assertReason(flags: Flags, found: unknown, wanted: unknown): void {
  const text = "expected response to";
  const negated = `${text} not have status reason #{act}`;
  flags.assert(found === wanted, `${text} have status reason #{exp} but got #{act}`, negated, wanted, found);
}

function assertCode(flags: Flags, found: number, wanted: number): void {
  const text = "expected response to";
  const negated = `${text} not have status code #{act}`;
  flags.assert(found === wanted, `${text} have status code #{exp} but got #{act}`, negated, wanted, found);
}

function addMethods(Assertion: AssertionClass): void {
  const methods: Record<string, Method> = {
    statusCode(wanted) {
      assertCode(this, response(Assertion, this).code, Number(wanted));
    },
    statusReason(wanted) {
      assertReason(this, response(Assertion, this).reason(), String(wanted));
    },
    status(wanted) {
      const found = response(Assertion, this);
      if (typeof wanted === "number") assertCode(this, found.code, wanted);
      else assertReason(this, found.reason(), wanted);
    },
  };
  for (const [name, method] of Object.entries(methods)) Assertion.addMethod(name, method);
}
