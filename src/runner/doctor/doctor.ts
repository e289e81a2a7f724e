import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { parseProxy } from "../../engine/http/proxy.ts";
import type { ConnectionOptions } from "../../engine/http/route.ts";
import { defaultRunOptions, type RunEvent } from "../../engine/types.ts";
import type { Clock } from "../../lib/clock.ts";
import { maskCredentials } from "../../lib/url-credentials.ts";
import { VERSION } from "../../lib/version.ts";
import type { ControlPlane } from "../client.ts";
import type { RunEngine } from "../execute.ts";
import { createSelfTest } from "../self-test.ts";
import { checkControlPlane, checkKey } from "./control-plane.ts";
import { type Finding, fine, wrong } from "./finding.ts";
import { checkCertificate, checkConnection, checkName, type Place } from "./reach.ts";

export interface DoctorOptions {
  server: string;
  /** Proxy on the way to the control plane. */
  proxy?: string;
  extraCaCerts?: string[];
  /** Speaks with the runner's id and key; absent when none were given. */
  controlPlane?: ControlPlane;
  engine: RunEngine;
  /** Proxies of the requests of collections. */
  connection: ConnectionOptions;
  /** Addresses that runs will go to; each is asked once, as a run would. */
  targets: string[];
  dataDir: string;
  clock: Clock;
}

const LOW_SPACE_BYTES = 200_000_000;

/** Looks at what a runner needs in the place where it stands, in the order in which it needs it. Changes nothing. */
export async function examineRunner(options: DoctorOptions): Promise<Finding[]> {
  const { engine, targets } = options;
  const scripts = await createSelfTest(engine)(new AbortController().signal);
  const findings = [
    fine("program", `version ${VERSION} on ${process.platform} ${process.arch}, Bun ${Bun.version}`),
    checkFolder(options.dataDir),
    scripts === undefined
      ? fine("scripts", "a script runs in its locked process")
      : wrong("scripts", scripts, "the log line above it names the cause; the runner would take no run here"),
    ...(await checkServer(options)),
    ...(await checkProxies(options.connection)),
  ];
  for (const target of targets) findings.push(await checkTarget(target, engine));
  return findings;
}

/** As far as it leads: what comes after a step that fails would only fail, too. */
async function checkServer(options: DoctorOptions): Promise<Finding[]> {
  const { server, proxy, extraCaCerts, controlPlane, clock } = options;
  const findings: Finding[] = [];
  const place = proxy === undefined ? placeOf(server, "the control plane") : placeOf(proxy, "the proxy");
  findings.push(await checkName(place));
  if (findings.every(({ isFine }) => isFine)) findings.push(await checkConnection(place));
  if (findings.some(({ isFine }) => !isFine)) return findings;
  if (proxy === undefined && server.startsWith("https:")) {
    const trust = { now: clock.now(), ...(extraCaCerts && { extraCaCerts }) };
    findings.push(await checkCertificate(place, trust));
  }
  const way = { server, ...(proxy !== undefined && { proxy }), ...(extraCaCerts && { extraCaCerts }) };
  const heard = await checkControlPlane(way, clock);
  findings.push(...heard.findings);
  if (!heard.isOurs) return findings;
  return controlPlane
    ? [...findings, ...(await checkKey(controlPlane))]
    : [...findings, fine("key", "not tried: give --id and --key")];
}

async function checkProxies({ httpProxy, httpsProxy }: ConnectionOptions): Promise<Finding[]> {
  const proxies = [...new Set([httpProxy, httpsProxy].filter((proxy) => proxy !== undefined))];
  const checked = proxies.map(async (proxy): Promise<Finding> => {
    const place = placeOf(proxy, "the proxy");
    const name = await checkName(place);
    const found = name.isFine ? await checkConnection(place) : name;
    return { ...found, check: "proxy", detail: `${maskCredentials(proxy)}: ${found.detail}` };
  });
  return Promise.all(checked);
}

/** Asks an address once, with everything that a run has in its way: proxy, rules, authorization service, certificates. */
async function checkTarget(target: string, engine: RunEngine): Promise<Finding> {
  const check = "target";
  const shown = maskCredentials(target);
  const collection = {
    info: { name: "doctor" },
    item: [{ name: "target", request: { method: "GET", url: target } }],
  };
  const input = {
    collection,
    options: { ...defaultRunOptions, requestTimeoutMs: 20_000, followRedirects: false },
  };
  for await (const event of engine.run(input, { signal: new AbortController().signal })) {
    const found = readStep(event);
    if (found?.code !== undefined) return fine(check, `${shown} answers ${found.code} (${found.ms} ms)`);
    if (found) return wrong(check, `${shown}: ${found.error}`, adviceFor[found.kind] ?? adviceOtherwise);
  }
  return wrong(check, `${shown} was not asked`, adviceOtherwise);
}

function readStep(event: RunEvent) {
  if (event.type !== "step_finished") return undefined;
  const { response, errors, timings } = event.step;
  const ms = Math.round(timings?.totalMs ?? 0);
  const [error] = errors;
  return { code: response?.code, ms, kind: error?.kind ?? "", error: error?.message ?? "no answer" };
}

const adviceOtherwise = "monitors that go there will fail in the same way";
const adviceFor: Record<string, string> = {
  dns: "the name server of this machine does not know the name",
  proxy: "the proxy does not let the request through, or cannot be reached",
  egress_denied: "a rule of --allow or --deny, or the authorization service, is against it",
  target: "start it, open the firewall, or give its authority with --ssl-extra-ca-certs",
};

function checkFolder(dataDir: string): Finding {
  const check = "data folder";
  const existing = nearestExisting(dataDir);
  try {
    accessSync(existing, constants.W_OK);
  } catch {
    return wrong(
      check,
      `${existing} cannot be written by this user`,
      "give a folder that can with --data-dir: results wait there until they are delivered",
    );
  }
  const { bavail, bsize } = statfsSync(existing);
  const freeBytes = bavail * bsize;
  const detail = `${dataDir}, ${(freeBytes / 1e9).toFixed(1)} GB free`;
  return freeBytes > LOW_SPACE_BYTES
    ? fine(check, detail)
    : wrong(check, detail, "make room: results wait there until they are delivered");
}

function nearestExisting(path: string): string {
  if (statSync(path, { throwIfNoEntry: false }) || path === dirname(path)) return path;
  return nearestExisting(dirname(path));
}

function placeOf(address: string, what: string): Place {
  const { hostname, port, protocol } = new URL(what === "the proxy" ? parseProxy(address).origin : address);
  // Brackets belong to the URL, not to the address.
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  return { what, hostname: bare, port: Number(port || (protocol === "https:" ? 443 : 80)) };
}
