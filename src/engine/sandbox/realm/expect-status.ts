import { type Chai, response } from "./chai.ts";
import { Response } from "./response.ts";

const statusClasses: Record<string, [from: number, to: number]> = {
  info: [100, 199],
  success: [200, 299],
  redirection: [300, 399],
  clientError: [400, 499],
  serverError: [500, 599],
  error: [400, 599],
};

const statusCodes: Record<string, [code: number, reason: string]> = {
  accepted: [202, "ACCEPTED"],
  badRequest: [400, "BAD REQUEST"],
  unauthorized: [401, "UNAUTHORIZED"],
  unauthorised: [401, "UNAUTHORIZED"],
  forbidden: [403, "FORBIDDEN"],
  notFound: [404, "NOT FOUND"],
  notAcceptable: [406, "NOT ACCEPTABLE"],
  rateLimited: [429, "TOO MANY REQUESTS"],
};

/** `to.be.ok`, `to.be.clientError`, `to.have.status(…)` and the like, in Postman's words. */
export function addStatusAssertions(Assertion: Chai["Assertion"]): void {
  for (const [name, [from, to]] of Object.entries(statusClasses)) {
    const label = name === "error" ? "4XX or 5XX" : `${from / 100}XX`;
    Assertion.addProperty(name, function () {
      const { code } = response(this, name);
      const negated = `expected response code to not be ${label}`;
      const isInClass = code >= from && code <= to;
      this.assert(isInClass, `expected response code to be ${label} but found ${code}`, negated);
    });
  }
  for (const [name, [wanted, reason]] of Object.entries(statusCodes)) {
    Assertion.addProperty(name, function () {
      const { code, status } = response(this, name);
      const text = `expected response to have status reason '${reason}' but got '${status}'`;
      const negated = `expected response to not have status reason '${reason}'`;
      this.assert(code === wanted, text, negated, reason, status);
    });
  }
  Assertion.overwriteProperty("ok", (original) => {
    return function () {
      if (!(this._obj instanceof Response)) return original.call(this);
      const { code } = this._obj;
      const text = `expected response code to be 200 but found ${code}`;
      this.assert(code === 200, text, "expected response code to not be 200");
    };
  });
  addStatusMethods(Assertion);
}

type Method = Parameters<Chai["Assertion"]["addMethod"]>[1];

const hasCode: Method = function (wanted) {
  const { code } = response(this, "status");
  const text = `expected response to have status code ${String(wanted)} but got ${code}`;
  const negated = `expected response to not have status code ${String(wanted)}`;
  this.assert(code === Number(wanted), text, negated, wanted, code);
};

const hasReason: Method = function (wanted) {
  const { status } = response(this, "status");
  const text = `expected response to have status reason '${String(wanted)}' but got '${status}'`;
  const negated = `expected response to not have status reason '${String(wanted)}'`;
  this.assert(status === wanted, text, negated, wanted, status);
};

function addStatusMethods(Assertion: Chai["Assertion"]): void {
  Assertion.addMethod("statusCode", hasCode);
  Assertion.addMethod("statusReason", hasReason);
  Assertion.addMethod("status", function (wanted) {
    return typeof wanted === "string" ? hasReason.call(this, wanted) : hasCode.call(this, wanted);
  });
  Assertion.addMethod("statusCodeClass", function (wanted) {
    const { code: actual } = response(this, "statusCodeClass");
    const label = `${String(wanted)}XX`;
    const text = `expected response code to be ${label} but found ${actual}`;
    this.assert(
      Math.floor(actual / 100) === Number(wanted),
      text,
      `expected response code to not be ${label}`,
    );
  });
}
