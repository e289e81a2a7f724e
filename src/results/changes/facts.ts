import type { Certificate, Shape, Step } from "../../contract/events.ts";

/** What two runs are compared by. */
export interface RunFacts {
  id: string;
  /** When it was queued. */
  at: Date;
  reason: string | null;
  runner: { id: string; name: string } | null;
  /** Of the program; null = not recorded. */
  runnerVersion: string | null;
  /** Machine of the instance. */
  hostname: string | null;
  collectionRevision: number | null;
  environmentRevision: number | null;
  /** In the order in which they ran. */
  steps: StepFacts[];
  /** There were more steps than were read. */
  isPartial: boolean;
}

/** What is compared of a step; undefined = it is not known, which is no difference. */
export interface StepFacts {
  itemId: string;
  iteration: number;
  position: number;
  name: string;
  didFail: boolean;
  /** It failed before an answer came. */
  isUnreachable: boolean;
  method?: string | undefined;
  /** Host with its port. */
  host?: string | undefined;
  /** Without its query, which often carries times and random values. */
  path?: string | undefined;
  code?: number | undefined;
  status?: string | undefined;
  mediaType?: string | undefined;
  httpVersion?: string | undefined;
  /** What the name resolved to. */
  addresses?: string[] | undefined;
  remoteAddress?: string | undefined;
  certificate?: Certificate | undefined;
  shape?: Shape | undefined;
  /** Where it was redirected to, without queries. */
  redirects: string[];
  totalMs?: number | undefined;
}

/** Of a step as it was stored: what can be compared, without headers and bodies. */
export function factsOfStep(step: Step): StepFacts {
  const { response, request } = step;
  return {
    itemId: step.itemId,
    iteration: step.iteration,
    position: step.position,
    name: step.name,
    didFail: step.errors.length > 0 || step.assertions.some(({ status }) => status === "failed"),
    isUnreachable: response === undefined && step.errors.some(({ phase }) => phase === "request"),
    ...(request && { method: request.method, ...placeOf(request.url) }),
    ...(response && factsOfResponse(response)),
    addresses: step.addresses,
    certificate: response?.certificate ?? step.certificate,
    redirects: step.redirects.map(({ url }) => withoutQuery(url)),
    totalMs: response === undefined ? undefined : step.timings?.totalMs,
  };
}

const factsOfResponse = ({
  code,
  status,
  mediaType,
  httpVersion,
  remoteAddress,
  shape,
}: NonNullable<Step["response"]>) => ({ code, status, mediaType, httpVersion, remoteAddress, shape });

function placeOf(url: string): { host?: string; path?: string } {
  if (!URL.canParse(url)) return {};
  const { host, pathname } = new URL(url);
  return { host, path: pathname };
}

const withoutQuery = (url: string): string => url.split(/[?#]/, 1)[0] ?? url;
