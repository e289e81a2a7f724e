import { z } from "zod";

/**
 * Events of a run as they cross the wire. The shapes mirror `engine/types.ts`; `runner/` is where the compiler
 * checks that what the engine yields fits here. Unknown keys are kept, so that a newer runner loses nothing.
 */
// Not a closed list: a newer runner may have kinds and reasons that this control plane does not know, and a result that
// is refused is lost. The engine's own types are closed.
const word = z.string().max(100);

export const outcome = z.enum(["passed", "failed", "errored", "aborted"]);
export type Outcome = z.infer<typeof outcome>;

const headerList = z.array(z.tuple([z.string(), z.string()]));
const keptBody = z.looseObject({
  bytes: z.number(),
  text: z.string().optional(),
  truncated: z.boolean().optional(),
});
const ms = z.number().min(0);

/**
 * The leaf certificate that a server showed. Names are those of X.500 in one line (`CN=api.example, O=Example`),
 * instants ISO 8601 in UTC, the fingerprint SHA-256 as upper-case hex pairs with colons.
 */
export const certificate = z.looseObject({
  subject: z.string(),
  issuer: z.string(),
  validFrom: z.string(),
  validTo: z.string(),
  fingerprint256: z.string(),
  /** Of `subjectAltName`, at most 100. */
  names: z.array(z.string()).optional(),
});
export type Certificate = z.infer<typeof certificate>;

/**
 * Which fields a JSON answer had and of what kind, never a value: `paths` are sorted and distinct, like `$.books[].title: string`
 * (at most 200; `truncated` when there were more). Of each list the first 50 entries count; bodies above 256 KB have no shape. `hash` is of those paths:
 * two answers with one hash have one shape.
 */
export const shape = z.looseObject({
  hash: z.string(),
  paths: z.array(z.string()),
  truncated: z.boolean().optional(),
});
export type Shape = z.infer<typeof shape>;

/**
 * The monitor asks for headers and body not to be kept: they were left out before the event left the runner. Sizes
 * (`body.bytes`, `wireBytes`) and facts remain, and of the headers `content-type`.
 */
const omitted = z.boolean().optional();

/**
 * Where in the scripts of a collection something went wrong; absent for what no line can be told of, and from older runners.
 * Which script of its owner it is, `source` of an assertion and `phase` of an error say.
 */
export const scriptLocation = z.looseObject({
  /** `collection`, `folder` or `request`: whose script it is. */
  kind: word,
  /** Of the folder or request; absent when the document has none. */
  itemId: z.string().optional(),
  /** Of the collection, folder or request; at most 200 characters. */
  name: z.string(),
  /** From 1, in the script as it ran. */
  line: z.int().min(1),
  /** What stands in that line, trimmed; at most 200 characters. */
  text: z.string(),
});
export type ScriptLocation = z.infer<typeof scriptLocation>;

/** For people only: one that is not understood must not cost a result. */
const location = scriptLocation.optional().catch(undefined);

export const assertion = z.looseObject({
  name: z.string(),
  status: z.enum(["passed", "failed", "skipped"]),
  source: z.enum(["prerequest", "test"]),
  error: z.looseObject({ name: z.string(), message: z.string(), location }).optional(),
});

export const step = z.looseObject({
  position: z.int().min(1),
  iteration: z.int().min(0),
  itemId: z.string(),
  name: z.string(),
  path: z.array(z.string()),
  startedMs: ms,
  durationMs: ms,
  skipped: z.boolean(),
  request: z
    .looseObject({
      method: z.string(),
      url: z.string(),
      headers: headerList,
      body: keptBody.optional(),
      omitted,
    })
    .optional(),
  /** What the name of the last hop resolved to, also when no connection came about; absent behind a proxy. */
  addresses: z.array(z.string()).optional(),
  /** Of a server with which the TLS handshake failed; otherwise it is part of the response. */
  certificate: certificate.optional(),
  redirects: z.array(z.looseObject({ method: z.string(), url: z.string(), code: z.int() })),
  response: z
    .looseObject({
      code: z.int(),
      status: z.string(),
      headers: headerList,
      body: keptBody,
      wireBytes: z.number(),
      httpVersion: z.string(),
      /** Address that answered; behind a proxy that of the proxy. */
      remoteAddress: z.string().optional(),
      /** Of the server itself, through a tunnel of a proxy too; also on a connection that was kept alive. */
      certificate: certificate.optional(),
      /** Only of JSON. */
      shape: shape.optional(),
      /** Of `Content-Type`, in lower case and without parameters: `application/json`. */
      mediaType: z.string().optional(),
      omitted,
    })
    .optional(),
  timings: z
    .looseObject({
      dnsMs: ms,
      connectMs: ms,
      tlsMs: ms,
      firstByteMs: ms,
      downloadMs: ms,
      totalMs: ms,
    })
    .optional(),
  assertions: z.array(assertion),
  console: z.array(
    z.looseObject({
      level: z.enum(["log", "info", "warn", "error", "debug", "clear"]),
      atMs: ms,
      messages: z.array(z.string()),
    }),
  ),
  errors: z.array(
    z.looseObject({
      kind: word,
      phase: z.enum(["prerequest", "request", "test"]),
      name: z.string(),
      message: z.string(),
      code: z.string().optional(),
      location,
    }),
  ),
});
export type Step = z.infer<typeof step>;

export const runSummary = z.looseObject({
  outcome,
  reason: word.optional(),
  detail: z.string().optional(),
  iterations: z.int().min(0),
  requestsTotal: z.int().min(0),
  requestsFailed: z.int().min(0),
  assertionsTotal: z.int().min(0),
  assertionsFailed: z.int().min(0),
  errorsTotal: z.int().min(0),
  responseMsTotal: ms,
  responseBytesTotal: z.number().min(0),
  durationMs: ms,
});
export type RunSummary = z.infer<typeof runSummary>;

const seq = z.int().min(1);
export const runEvent = z.discriminatedUnion("type", [
  z.looseObject({ seq, type: z.literal("run_started"), collectionName: z.string(), stepsPlanned: z.int() }),
  z.looseObject({
    seq,
    type: z.literal("step_started"),
    position: z.int(),
    iteration: z.int(),
    itemId: z.string(),
    name: z.string(),
    path: z.array(z.string()),
  }),
  z.looseObject({ seq, type: z.literal("step_finished"), step }),
  z.looseObject({ seq, type: z.literal("run_finished"), summary: runSummary }),
]);
export type RunEvent = z.infer<typeof runEvent>;
