import { describe, expect, test } from "bun:test";

import type { Certificate, Shape } from "../../../src/contract/events.ts";
import { compareRuns, type Deed } from "../../../src/results/changes/compare.ts";
import type { RunFacts, StepFacts } from "../../../src/results/changes/facts.ts";

const step = (facts: Partial<StepFacts> = {}): StepFacts => ({
  itemId: "create",
  iteration: 0,
  position: 1,
  name: "Create order",
  didFail: false,
  isUnreachable: false,
  method: "POST",
  host: "api.example",
  path: "/orders",
  code: 201,
  status: "Created",
  mediaType: "application/json",
  httpVersion: "1.1",
  addresses: ["10.0.0.4"],
  remoteAddress: "10.0.0.4",
  redirects: [],
  totalMs: 40,
  ...facts,
});

const run = (facts: Partial<RunFacts> = {}): RunFacts => ({
  id: "run",
  at: new Date("2026-11-20T10:00:00Z"),
  reason: "assertion_failed",
  runner: { id: "r1", name: "Berlin" },
  runnerVersion: "0.1.0",
  hostname: "host-a",
  collectionRevision: 5,
  environmentRevision: 2,
  steps: [step()],
  isPartial: false,
  ...facts,
});

const certificate = (facts: Partial<Certificate> = {}): Certificate => ({
  subject: "CN=api.example",
  issuer: "CN=Company CA",
  validFrom: "2026-01-01T00:00:00.000Z",
  validTo: "2027-01-01T00:00:00.000Z",
  fingerprint256: "AA:BB",
  ...facts,
});

const shape = (...paths: string[]): Shape => ({ hash: paths.join(), paths });

const deed = (kind: Deed["kind"]): Deed => ({ kind, sentence: `${kind} was changed.`, details: [] });

/** Kinds of what differs between one step that passed and the same that failed. */
const compareSteps = (before: Partial<StepFacts>, after: Partial<StepFacts>, reason = "assertion_failed") =>
  compareRuns({
    before: run({ steps: [step(before)] }),
    after: run({ steps: [step({ didFail: true, ...after })], reason }),
    deeds: [],
  });

const sentences = (changes: { sentence: string }[]) => changes.map(({ sentence }) => sentence);

test("two runs that met the same have no difference", () => {
  expect(compareSteps({}, {})).toEqual([]);
});

describe("a difference is told in one sentence:", () => {
  test.each<[string, Partial<StepFacts>, Partial<StepFacts>, string]>([
    [
      "another code",
      {},
      { code: 500, status: "Internal Server Error" },
      "Create order answered 500 Internal Server Error instead of 201 Created.",
    ],
    [
      "no answer",
      {},
      { code: undefined, mediaType: undefined, isUnreachable: true },
      "Create order got no answer; before it was 201 Created.",
    ],
    [
      "another kind of answer",
      {},
      { mediaType: "text/html" },
      "Create order answered with text/html instead of application/json.",
    ],
    [
      "another host",
      {},
      { host: "old.example" },
      "Create order was sent to old.example instead of api.example.",
    ],
    [
      "another path",
      {},
      { path: "/v2/orders" },
      "Create order sent POST /v2/orders instead of POST /orders.",
    ],
    [
      "another version in the path",
      { path: "/v1/orders" },
      { path: "/v2/orders" },
      "Create order sent POST /v2/orders instead of POST /v1/orders.",
    ],
    [
      "another address",
      {},
      { addresses: ["10.0.0.9"] },
      "api.example has another address: 10.0.0.9 instead of 10.0.0.4.",
    ],
    [
      "a redirect",
      {},
      { redirects: ["https://login.example/"] },
      "Create order was redirected to https://login.example/.",
    ],
    [
      "a redirect less",
      { redirects: ["https://login.example/"] },
      {},
      "Create order was not redirected any more; before it went to https://login.example/.",
    ],
    [
      "another protocol",
      {},
      { httpVersion: "2" },
      "Create order was answered with HTTP/2 instead of HTTP/1.1.",
    ],
    ["slowness", {}, { totalMs: 2400 }, "Create order took 2.40 s instead of 40 ms."],
  ])("%s", (_, before, after, sentence) => {
    expect(sentences(compareSteps(before, after))).toEqual([sentence]);
  });
});

describe("no difference is", () => {
  test.each<[string, Partial<StepFacts>, Partial<StepFacts>]>([
    [
      "a name with several addresses in turn",
      { addresses: ["10.0.0.4", "10.0.0.5"] },
      { addresses: ["10.0.0.5"] },
    ],
    ["an address more", { addresses: ["10.0.0.4"] }, { addresses: ["10.0.0.4", "10.0.0.5"] }],
    ["another number in a path", { path: "/orders/17" }, { path: "/orders/18" }],
    ["an id in a path", { path: "/orders/3f2a-1" }, { path: "/orders/9b1c-2" }],
    ["what one of the two did not record", { mediaType: undefined, addresses: undefined }, {}],
    ["an address that nothing recorded", { addresses: undefined, remoteAddress: undefined }, {}],
    ["a little more time", { totalMs: 400 }, { totalMs: 850 }],
    ["ten times nearly nothing", { totalMs: 2 }, { totalMs: 40 }],
    ["another number in a redirect", { redirects: ["https://a/1"] }, { redirects: ["https://a/2"] }],
    ["the same certificate", { certificate: certificate() }, { certificate: certificate() }],
  ])("%s", (_, before, after) => {
    expect(compareSteps(before, after)).toEqual([]);
  });
});

describe("certificates", () => {
  test("another one is told with issuer and end of both", () => {
    const [change] = compareSteps(
      { certificate: certificate() },
      { certificate: certificate({ fingerprint256: "CC:DD", issuer: "CN=Other CA" }) },
    );

    expect(change).toMatchObject({ kind: "certificate", sentence: "api.example shows another certificate." });
    expect(change?.details).toEqual([
      "before: CN=api.example, issued by CN=Company CA, valid to 2027-01-01, AA:BB…",
      "now: CN=api.example, issued by CN=Other CA, valid to 2027-01-01, CC:DD…",
    ]);
  });

  test("one that ended between the runs is told, though it is the same", () => {
    const ended = certificate({ validTo: "2026-11-20T09:59:00.000Z" });

    const changes = compareSteps({ certificate: ended }, { certificate: ended }, "target_unreachable");

    expect(sentences(changes)).toEqual(["The certificate of api.example expired on 2026-11-20."]);
    expect(changes[0]?.isLikely).toBe(true);
  });

  test("one for several requests of a host is told once", () => {
    const steps = (fingerprint256: string) =>
      ["a", "b", "c"].map((itemId, index) =>
        step({ itemId, name: itemId, position: index + 1, certificate: certificate({ fingerprint256 }) }),
      );

    const changes = compareRuns({
      before: run({ steps: steps("AA") }),
      after: run({ steps: steps("BB") }),
      deeds: [],
    });

    expect(changes).toHaveLength(1);
    expect(changes[0]?.details.at(-1)).toBe("Also in b, c");
  });
});

describe("shapes", () => {
  test("fields that went, came and became something else are listed", () => {
    const changes = compareSteps(
      { shape: shape("$: object", "$.id: number", "$.total: number") },
      { shape: shape("$: object", "$.currency: string", "$.id: string") },
    );

    expect(changes).toHaveLength(1);
    expect(changes[0]?.sentence).toBe(
      "The answer of Create order has another shape: 1 field gone, 1 field of another type, 1 field new.",
    );
    expect(changes[0]?.details).toEqual(["− $.total", "~ $.id: number → string", "+ $.currency"]);
  });

  test("what is below a field that went is not listed", () => {
    const changes = compareSteps(
      { shape: shape("$: object", "$.a: object", "$.a.b: array", "$.a.b[]: object", "$.a.b[].c: null") },
      { shape: shape("$: object") },
    );

    expect(changes[0]?.details).toEqual(["− $.a"]);
  });

  test("what is below a field that came is not listed", () => {
    const changes = compareSteps(
      { shape: shape("$: object") },
      { shape: shape("$: object", "$.a: object", "$.a.b: number") },
    );

    expect(changes[0]?.details).toEqual(["+ $.a"]);
  });

  test("what is below a field that became null is not listed", () => {
    const changes = compareSteps(
      { shape: shape("$: object", "$.a: object", "$.a.b: number") },
      { shape: shape("$: object", "$.a: null") },
    );

    expect(changes[0]?.details).toEqual(["~ $.a: object → null"]);
  });

  test("a field that is absent from a cut shape proves nothing", () => {
    const cut = { ...shape("$: object"), truncated: true };

    expect(compareSteps({ shape: shape("$: object", "$.a: null") }, { shape: cut })).toEqual([]);
  });

  test("of an answer with another code nobody is told the fields", () => {
    const changes = compareSteps({ shape: shape("$.a: null") }, { shape: shape("$.b: null"), code: 500 });

    expect(changes.map(({ kind }) => kind)).toEqual(["status"]);
  });
});

describe("requests", () => {
  test("new and vanished ones are named", () => {
    const shared = step({ itemId: "last", name: "Last", position: 3 });
    const changes = compareRuns({
      before: run({ steps: [step({ itemId: "x", name: "Old" }), shared] }),
      after: run({ steps: [step({ itemId: "y", name: "New" }), shared] }),
      deeds: [],
    });

    expect(changes).toMatchObject([
      { sentence: "1 request ran that did not run before.", details: ["New"] },
      { sentence: "1 request of the run before did not run.", details: ["Old"] },
    ]);
  });

  test("those behind the end of a run that stopped early are not called vanished", () => {
    const changes = compareRuns({
      before: run({ steps: [step(), step({ itemId: "b", name: "B", position: 2 })] }),
      after: run({ steps: [step({ didFail: true })] }),
      deeds: [],
    });

    expect(changes).toEqual([]);
  });

  test("of runs that were read in part nobody is told which are missing", () => {
    const changes = compareRuns({
      before: run({ steps: [step(), step({ itemId: "b" })], isPartial: true }),
      after: run({ steps: [step({ itemId: "c" }), step()] }),
      deeds: [],
    });

    expect(changes).toEqual([]);
  });

  test("one with a new id is found by its name", () => {
    expect(compareSteps({ itemId: "old" }, { itemId: "new" })).toEqual([]);
  });

  test("one that a script repeats is compared turn by turn", () => {
    const turns = (codes: number[]) => codes.map((code, index) => step({ code, position: index + 1 }));
    const changes = compareRuns({
      before: run({ steps: turns([201, 200]) }),
      after: run({ steps: turns([201, 404]) }),
      deeds: [],
    });

    expect(changes).toMatchObject([{ kind: "status", step: { position: 2 } }]);
  });

  test("the same difference in many is told once, with the failed one first", () => {
    const many = (code: number, status: string) =>
      Array.from({ length: 9 }, (_, index) =>
        step({
          itemId: `i${index}`,
          name: `R${index}`,
          position: index + 1,
          code,
          status,
          didFail: code > 500 && index === 4,
        }),
      );
    const changes = compareRuns({
      before: run({ steps: many(201, "Created") }),
      after: run({ steps: many(503, "Service Unavailable") }),
      deeds: [],
    });

    expect(changes).toHaveLength(1);
    expect(changes[0]?.step).toEqual({ name: "R4", position: 5 });
    expect(changes[0]?.details).toEqual(["Also in R0, R1, R2, R3, R5 and 3 more requests"]);
  });
});

describe("places", () => {
  test("another runner hides that its machine is another, too", () => {
    const changes = compareRuns({
      before: run(),
      after: run({ runner: { id: "r2", name: "Paris" }, hostname: "host-b" }),
      deeds: [],
    });

    expect(sentences(changes)).toEqual(["It ran on the runner Paris; the run that passed was on Berlin."]);
  });

  test("another version and another machine of the same runner are told", () => {
    const changes = compareRuns({
      before: run(),
      after: run({ runnerVersion: "0.2.0", hostname: "host-b" }),
      deeds: [],
    });

    expect(sentences(changes)).toEqual([
      "The runner has version 0.2.0; it was 0.1.0.",
      "It ran on the machine host-b; the run that passed was on host-a.",
    ]);
  });

  test("what is not known of one of the two is no difference", () => {
    const changes = compareRuns({
      before: run({ runnerVersion: null, hostname: null, runner: null }),
      after: run(),
      deeds: [],
    });

    expect(changes).toEqual([]);
  });
});

describe("the most likely culprit comes first:", () => {
  const compareWithAll = (reason: string, after: Partial<StepFacts>) =>
    compareRuns({
      before: run({ steps: [step({ certificate: certificate() })] }),
      after: run({
        reason,
        runnerVersion: "0.2.0",
        steps: [step({ didFail: true, certificate: certificate({ fingerprint256: "CC" }), ...after })],
      }),
      deeds: [deed("collection"), deed("environment"), deed("globals"), deed("settings")],
    }).map(({ kind }) => kind);

  test("of a target that cannot be reached its certificate and its answer", () => {
    const kinds = compareWithAll("target_unreachable", { code: undefined, isUnreachable: true });

    expect(kinds.slice(0, 3)).toEqual(["certificate", "status", "environment"]);
  });

  test("of an assertion the answer, then the collection", () => {
    expect(compareWithAll("assertion_failed", { code: 500 }).slice(0, 2)).toEqual(["status", "collection"]);
  });

  test("of a script the collection", () => {
    expect(compareWithAll("script_error", {}).slice(0, 2)).toEqual(["collection", "environment"]);
  });

  test("of trouble on our side the settings and the runner", () => {
    expect(compareWithAll("egress_denied", {}).slice(0, 2)).toEqual(["settings", "runner_version"]);
  });

  test("and what differs in a step that passed comes after what people did", () => {
    const steps = (code: number) => [
      step({ itemId: "a", name: "A", code }),
      step({ itemId: "b", name: "B", position: 2, didFail: true }),
    ];

    const changes = compareRuns({
      before: run({ steps: steps(200) }),
      after: run({ steps: steps(204) }),
      deeds: [deed("collection")],
    });

    expect(changes.map(({ kind, isLikely }) => [kind, isLikely])).toEqual([
      ["collection", true],
      ["status", false],
    ]);
  });
});
