import { z } from "zod";

import { formatRange, protocolRange } from "../../contract/protocol.ts";
import type { Clock } from "../../lib/clock.ts";
import { VERSION } from "../../lib/version.ts";
import { isCallError, type ControlPlane } from "../client.ts";
import { createServerWay, type ServerWayOptions } from "../server-way.ts";
import { type Finding, fine, reasonOf, wrong } from "./finding.ts";

const TIMEOUT_MS = 10_000;
/** What does not matter: leases and schedules are reckoned by the database's clock. */
const SKEW_SECONDS = 60;

const health = z.looseObject({ status: z.string() });

export interface Heard {
  findings: Finding[];
  /** It is a control plane, so the key can be tried. */
  isOurs: boolean;
}

/** Whether a control plane answers, by the way that a runner takes, and how far the clocks are apart. */
export async function checkControlPlane(way: ServerWayOptions, clock: Clock): Promise<Heard> {
  const check = "control plane";
  const path = createServerWay(way);
  try {
    const target = path.requestTo("/healthz");
    const answer = await path.dispatcher.request({
      ...target,
      method: "GET",
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await answer.body.text();
    const isOurs = answer.statusCode === 200 && health.safeParse(parse(text)).data?.status === "alive";
    const date = [answer.headers["date"]].flat()[0];
    if (isOurs)
      return { isOurs, findings: [fine(check, `${way.server} is alive`), ...clockFinding(date, clock)] };
    const finding = wrong(check, ...whatAnswered(answer.statusCode, path.proxyOrigin));
    return { isOurs, findings: [finding] };
  } catch (error) {
    const through = path.proxyOrigin === undefined ? "" : ` through the proxy ${path.proxyOrigin}`;
    const finding = wrong(
      check,
      `${way.server} does not answer${through} (${reasonOf(error)})`,
      "the checks above say how far the way leads; behind a proxy, ask who runs it to let this machine through to that address",
    );
    return { isOurs: false, findings: [finding] };
  } finally {
    await path.dispatcher.destroy();
  }
}

function whatAnswered(status: number, proxyOrigin: string | undefined): [detail: string, advice: string] {
  if (status === 407) {
    return [
      `the proxy ${proxyOrigin ?? ""} wants other credentials (407)`,
      "put them into the address of --server-proxy: http://user:password@proxy:3128",
    ];
  }
  return [
    `something answers ${status}, but it is no control plane`,
    "check the address; when it is right, something between here and there answers in its place",
  ];
}

function clockFinding(date: string | undefined, clock: Clock): Finding[] {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return [];
  // The header has whole seconds, so half a second is the best guess.
  const seconds = Math.round((clock.now().getTime() - theirs - 500) / 1000);
  if (Math.abs(seconds) < SKEW_SECONDS) {
    return [
      fine(
        "clock",
        Math.abs(seconds) <= 1 ? "in step with the control plane" : `${words(seconds)} the control plane's`,
      ),
    ];
  }
  return [
    wrong(
      "clock",
      `this machine's clock is ${words(seconds)} the control plane's`,
      "set one of them right (NTP): runs are not affected, but certificates and signed requests depend on the time",
    ),
  ];
}

const words = (seconds: number): string => `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"}`;

/** Whether the id and the key of the runner are good, and both sides understand each other. */
export async function checkKey(controlPlane: ControlPlane): Promise<Finding[]> {
  try {
    const { runnerName, version } = await controlPlane.check({}, { timeoutMs: TIMEOUT_MS });
    return [
      fine("key", `accepted for the runner ${runnerName}`),
      fine(
        "versions",
        `control plane ${version}, this program ${VERSION}, protocol ${formatRange(protocolRange)}`,
      ),
    ];
  } catch (error) {
    if (isCallError(error, "not_found")) {
      return [fine("key", "cannot be tried: the control plane is older than this program")];
    }
    const sentence = reasonOfCall(error);
    if (/upgrade the/.test(sentence)) return [wrong("versions", sentence, "upgrade the side that is named")];
    return [
      wrong("key", sentence, "copy the start command from the runner's page again, or reset the key there"),
    ];
  }
}

const reasonOfCall = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
