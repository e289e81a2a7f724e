import { formatDuration, plural } from "../../../web/format.ts";
import type { Certificate } from "../../contract/events.ts";
import type { ChangeKind, Finding } from "./change.ts";
import type { StepFacts } from "./facts.ts";
import { compareShapes, type ShapeChange } from "./shapes.ts";

/** The same request in both runs. */
export interface StepPair {
  before: StepFacts;
  after: StepFacts;
}

export interface PairedSteps {
  pairs: StepPair[];
  /** Ran only in the run that did not pass. */
  added: StepFacts[];
  /** Ran only in the one that passed. */
  removed: StepFacts[];
}

/** By item and iteration, in order when a script repeats a request; by name where the ids were made anew. */
export function pairSteps(before: readonly StepFacts[], after: readonly StepFacts[]): PairedSteps {
  const byId = pairBy(before, after, (step) => `${step.itemId}\n${step.iteration}`);
  const byName = pairBy(byId.removed, byId.added, (step) => `${step.name}\n${step.iteration}`);
  return { ...byName, pairs: [...byId.pairs, ...byName.pairs] };
}

function pairBy(
  before: readonly StepFacts[],
  after: readonly StepFacts[],
  keyOf: (step: StepFacts) => string,
): PairedSteps {
  const waiting = Map.groupBy(before, keyOf);
  const pairs: StepPair[] = [];
  const added: StepFacts[] = [];
  for (const step of after) {
    const twin = waiting.get(keyOf(step))?.shift();
    if (twin) pairs.push({ before: twin, after: step });
    else added.push(step);
  }
  return { pairs, added, removed: [...waiting.values()].flat() };
}

const MAX_NAMES = 5;
/** Beyond it one sees that it is much, and the page stays short. */
const MAX_DETAILS = 12;
/** What is slower by less is noise. */
const SLOWER_TIMES = 3;
const SLOWER_MS = 500;

/** What a difference is and between what: equal ones of several steps are told once. */
interface StepFinding {
  kind: ChangeKind;
  /** Steps with the same one are folded. */
  key: string;
  sentence: string;
  details?: string[];
}

/** Differences in what the requests met, those of failed steps first; of many alike, the first with a count. */
export function changesOfSteps(pairs: readonly StepPair[], now: Date): Finding[] {
  const found = pairs
    .toSorted((one, other) => Number(other.after.didFail) - Number(one.after.didFail))
    .flatMap((pair) => findingsOf(pair, now).map((finding) => ({ finding, step: pair.after })));
  return [...Map.groupBy(found, ({ finding }) => `${finding.kind}\n${finding.key}`).values()].flatMap(
    (alike) => {
      const [first] = alike;
      if (!first) return [];
      const { finding, step } = first;
      const others = alike.slice(1).map((other) => other.step.name);
      return [
        {
          kind: finding.kind,
          sentence: finding.sentence,
          details: [...(finding.details ?? []), ...alsoIn(others)],
          step: { position: step.position, name: step.name },
          isElsewhere: !step.didFail,
        },
      ];
    },
  );
}

function alsoIn(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const shown = names.slice(0, MAX_NAMES).join(", ");
  const more = names.length - MAX_NAMES;
  return [more > 0 ? `Also in ${shown} and ${plural(more, "more request")}` : `Also in ${shown}`];
}

const findingsOf = (pair: StepPair, now: Date): StepFinding[] =>
  [
    requestChange(pair),
    codeChange(pair),
    mediaTypeChange(pair),
    shapeChange(pair),
    redirectChange(pair),
    certificateChange(pair, now),
    addressChange(pair),
    versionChange(pair),
    slower(pair),
  ].filter((finding) => finding !== undefined);

const differs = <T>(before: T | undefined, after: T | undefined): boolean =>
  before !== undefined && after !== undefined && before !== after;

function requestChange({ before, after }: StepPair): StepFinding | undefined {
  if (differs(before.host, after.host)) {
    return {
      kind: "request",
      key: `${before.host} ${after.host}`,
      sentence: `${after.name} was sent to ${after.host} instead of ${before.host}.`,
    };
  }
  const [from, to] = [`${before.method} ${before.path}`, `${after.method} ${after.path}`];
  const isKnown = before.path !== undefined && after.path !== undefined;
  if (!isKnown || from === to || samePattern(from, to)) return undefined;
  return { kind: "request", key: `${from} ${to}`, sentence: `${after.name} sent ${to} instead of ${from}.` };
}

/** Numbers and ids in a path are made by the run itself: `/orders/17` and `/orders/18` are one request, `/v1` and `/v2` two. */
const samePattern = (one: string, other: string): boolean => patternOf(one) === patternOf(other);
const patternOf = (path: string): string =>
  path
    .split("/")
    .map((part, index) => (index > 0 && /\d/.test(part) && !/^v\d+$/.test(part) ? "#" : part))
    .join("/");

function codeChange({ before, after }: StepPair): StepFinding | undefined {
  if (after.isUnreachable && before.code !== undefined) {
    return {
      kind: "status",
      key: `none ${before.code}`,
      sentence: `${after.name} got no answer; before it was ${answer(before)}.`,
    };
  }
  if (!differs(before.code, after.code)) return undefined;
  return {
    kind: "status",
    key: `${before.code} ${after.code}`,
    sentence: `${after.name} answered ${answer(after)} instead of ${answer(before)}.`,
  };
}

const answer = ({ code, status }: StepFacts): string => (status ? `${code} ${status}` : String(code));

function mediaTypeChange({ before, after }: StepPair): StepFinding | undefined {
  if (!differs(before.mediaType, after.mediaType)) return undefined;
  return {
    kind: "media_type",
    key: `${before.mediaType} ${after.mediaType}`,
    sentence: `${after.name} answered with ${after.mediaType} instead of ${before.mediaType}.`,
  };
}

function shapeChange({ before, after }: StepPair): StepFinding | undefined {
  if (!before.shape || !after.shape) return undefined;
  const change = compareShapes(before.shape, after.shape);
  // An answer of another kind has other fields: its code says it already.
  if (!change || differs(before.code, after.code)) return undefined;
  return {
    kind: "shape",
    key: `${before.itemId} ${before.shape.hash} ${after.shape.hash}`,
    sentence: `The answer of ${after.name} has another shape: ${countsOf(change)}.`,
    details: shapeLines(change),
  };
}

const countsOf = ({ added, removed, retyped }: ShapeChange): string =>
  [
    ...(removed.length > 0 ? [`${plural(removed.length, "field")} gone`] : []),
    ...(retyped.length > 0 ? [`${plural(retyped.length, "field")} of another type`] : []),
    ...(added.length > 0 ? [`${plural(added.length, "field")} new`] : []),
  ].join(", ");

function shapeLines({ added, removed, retyped }: ShapeChange): string[] {
  const lines = [
    ...removed.map((path) => `− ${path}`),
    ...retyped.map(({ path, before, after }) => `~ ${path}: ${before} → ${after}`),
    ...added.map((path) => `+ ${path}`),
  ];
  return lines.length <= MAX_DETAILS
    ? lines
    : [...lines.slice(0, MAX_DETAILS), `and ${plural(lines.length - MAX_DETAILS, "more field")}`];
}

function redirectChange({ before, after }: StepPair): StepFinding | undefined {
  if (after.isUnreachable) return undefined;
  const [from, to] = [before.redirects.at(-1), after.redirects.at(-1)];
  if (patternOf(from ?? "") === patternOf(to ?? "")) return undefined;
  const sentence =
    to === undefined
      ? `${after.name} was not redirected any more; before it went to ${from}.`
      : `${after.name} was redirected to ${to}${from === undefined ? "" : ` instead of ${from}`}.`;
  return { kind: "redirect", key: `${from} ${to}`, sentence };
}

function certificateChange({ before, after }: StepPair, now: Date): StepFinding | undefined {
  const [from, to] = [before.certificate, after.certificate];
  if (!to) return undefined;
  const host = after.host ?? after.name;
  const hasEnded = Date.parse(to.validTo) < now.getTime();
  if (from && from.fingerprint256 !== to.fingerprint256) {
    return {
      kind: "certificate",
      key: `${host} ${from.fingerprint256} ${to.fingerprint256}`,
      sentence: hasEnded
        ? `${host} shows another certificate, and it expired on ${dayOf(to.validTo)}.`
        : `${host} shows another certificate.`,
      details: [`before: ${certificateLine(from)}`, `now: ${certificateLine(to)}`],
    };
  }
  if (!hasEnded) return undefined;
  return {
    kind: "certificate",
    key: `${host} expired`,
    sentence: `The certificate of ${host} expired on ${dayOf(to.validTo)}.`,
    details: [certificateLine(to)],
  };
}

const dayOf = (instant: string): string => instant.slice(0, 10);
const certificateLine = ({ subject, issuer, validTo, fingerprint256 }: Certificate): string =>
  `${subject}, issued by ${issuer}, valid to ${dayOf(validTo)}, ${fingerprint256.slice(0, 23)}…`;

/** Many names have several addresses in turn: only answers that have none in common are a change. */
function addressChange({ before, after }: StepPair): StepFinding | undefined {
  const [from, to] = [addressesOf(before), addressesOf(after)];
  if (from.length === 0 || to.length === 0 || differs(before.host, after.host)) return undefined;
  if (to.some((address) => from.includes(address))) return undefined;
  const host = after.host ?? after.name;
  return {
    kind: "address",
    key: `${host} ${from.join()} ${to.join()}`,
    sentence: `${host} has another address: ${to.join(", ")} instead of ${from.join(", ")}.`,
  };
}

const addressesOf = ({ addresses, remoteAddress }: StepFacts): string[] =>
  (addresses ?? (remoteAddress === undefined ? [] : [remoteAddress])).toSorted();

function versionChange({ before, after }: StepPair): StepFinding | undefined {
  if (!differs(before.httpVersion, after.httpVersion)) return undefined;
  return {
    kind: "http_version",
    key: `${before.httpVersion} ${after.httpVersion}`,
    sentence: `${after.name} was answered with HTTP/${after.httpVersion} instead of HTTP/${before.httpVersion}.`,
  };
}

function slower({ before, after }: StepPair): StepFinding | undefined {
  const [from, to] = [before.totalMs, after.totalMs];
  if (from === undefined || to === undefined) return undefined;
  if (to - from < SLOWER_MS || to < from * SLOWER_TIMES) return undefined;
  return {
    kind: "latency",
    key: `${before.itemId} ${before.iteration}`,
    sentence: `${after.name} took ${formatDuration(to)} instead of ${formatDuration(from)}.`,
  };
}
