/** One difference between a run that did not pass and the last one that did. */
export interface Change {
  kind: ChangeKind;
  /** A whole sentence. */
  sentence: string;
  /** Lines below it: fields that came and went, settings, variables. */
  details: string[];
  /** Of the run that did not pass: where it shows first. */
  step?: { position: number; name: string } | undefined;
  /** Of what people did. */
  who?: string | undefined;
  at?: Date | undefined;
  /** Where it is seen in full. */
  href?: string | undefined;
  /** It alone could explain the failure. */
  isLikely: boolean;
}

export type ChangeKind =
  | "request"
  | "status"
  | "media_type"
  | "shape"
  | "redirect"
  | "certificate"
  | "address"
  | "http_version"
  | "latency"
  | "requests"
  | "collection"
  | "environment"
  | "globals"
  | "settings"
  | "runner"
  | "runner_version"
  | "instance";

/** What kind of trouble it is: that decides which differences explain it. */
type Trouble = "unreachable" | "assertion" | "script" | "place";

const troubles: Readonly<Record<string, Trouble>> = {
  target_unreachable: "unreachable",
  dns: "unreachable",
  proxy: "unreachable",
  assertion_failed: "assertion",
  script_error: "script",
  script_timeout: "script",
  script_memory: "script",
  request_invalid: "script",
  collection_invalid: "script",
  too_large: "script",
};

export const troubleOf = (reason: string | null): Trouble => troubles[reason ?? ""] ?? "place";

/** 0 to 100: how well a difference in the failed step itself explains each kind of trouble. */
const weights: Readonly<Record<ChangeKind, Readonly<Record<Trouble, number>>>> = {
  certificate: { unreachable: 95, assertion: 60, script: 20, place: 10 },
  address: { unreachable: 85, assertion: 70, script: 20, place: 10 },
  request: { unreachable: 88, assertion: 82, script: 60, place: 60 },
  status: { unreachable: 90, assertion: 90, script: 65, place: 20 },
  media_type: { unreachable: 20, assertion: 86, script: 75, place: 10 },
  shape: { unreachable: 20, assertion: 80, script: 74, place: 10 },
  redirect: { unreachable: 60, assertion: 75, script: 40, place: 20 },
  http_version: { unreachable: 30, assertion: 15, script: 10, place: 10 },
  latency: { unreachable: 40, assertion: 50, script: 30, place: 60 },
  requests: { unreachable: 30, assertion: 50, script: 60, place: 20 },
  collection: { unreachable: 55, assertion: 78, script: 92, place: 50 },
  environment: { unreachable: 72, assertion: 77, script: 85, place: 60 },
  globals: { unreachable: 50, assertion: 60, script: 70, place: 40 },
  settings: { unreachable: 60, assertion: 55, script: 55, place: 75 },
  runner: { unreachable: 65, assertion: 45, script: 30, place: 72 },
  runner_version: { unreachable: 45, assertion: 40, script: 72, place: 70 },
  instance: { unreachable: 40, assertion: 20, script: 20, place: 50 },
};
const LIKELY = 70;
/** What differs in a step that passed explains little. */
const ELSEWHERE = 0.4;

/** A difference before it is judged. */
export interface Finding extends Omit<Change, "isLikely"> {
  /** It is in a step that passed, and says something about that step only. */
  isElsewhere?: boolean;
}

/** Most telling first, for a run that ended for this reason; equal ones stay in the order in which they were found. */
export function rankChanges(findings: readonly Finding[], reason: string | null): Change[] {
  const trouble = troubleOf(reason);
  return findings
    .map(({ isElsewhere, ...change }) => {
      const weight = weights[change.kind][trouble] * (isElsewhere ? ELSEWHERE : 1);
      return { weight, change: { ...change, isLikely: weight >= LIKELY } };
    })
    .toSorted((left, right) => right.weight - left.weight)
    .map(({ change }) => change);
}
