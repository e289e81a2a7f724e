/**
 * Plays the network around a closed one, in a network namespace of its own (`unshare -rn bun closed-network.ts`), and
 * prints as JSON what runners in the closed one could do. From there only one machine can be reached, 10.77.N.1: the
 * control plane and a forward proxy. The API, 10.88.0.1, stands behind it; names are known to the proxy only.
 */
import { readFile } from "node:fs/promises";

import { startForwardProxy } from "./forward-proxy.ts";
import { request, startRunnerProgram, type RunnerProgram } from "./runner-program.ts";
import { readTls, startTlsServer } from "./tls-server.ts";

const API = "10.88.0.1";
const METADATA = "169.254.169.254";

export interface ClosedNetworkReport {
  direct: Seen;
  proxied: Seen;
  allProxied: Seen;
  metadata: Seen;
  metadataAllowed: Seen;
  /** Requests that the proxy was asked for by `proxied`. */
  askedOfProxy: string[];
}

interface Seen {
  outcome: string;
  /** Of each step, its status or the kind of its error. */
  steps: (number | string)[];
  /** Where the runner's connections lead, without port. */
  peers: string[];
  /** Ports on which the runner listens. */
  listening: number;
}

async function ip(...args: string[]): Promise<void> {
  const { exitCode, stderr } = Bun.spawnSync(["ip", ...args]);
  if (exitCode !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.toString()}`);
}

let networks = 0;

/** A network with room for one runner; the script is what moves the runner into it. */
async function openNetwork(): Promise<{ gateway: string; wrapper: string }> {
  const number = ++networks;
  const gateway = `10.77.${number}.1`;
  await ip("link", "add", `out${number}`, "type", "veth", "peer", "name", `in${number}`);
  await ip("address", "add", `${gateway}/24`, "dev", `out${number}`);
  await ip("link", "set", `out${number}`, "up");
  const inside = [
    "set -e",
    "ip link set lo up",
    `nsenter -t $PPID -n ip link set in${number} netns $$`,
    `ip address add 10.77.${number}.2/24 dev in${number}`,
    `ip link set in${number} up`,
    `ip address add ${METADATA}/32 dev lo`,
    `"$1" -e 'Bun.serve({ hostname: "${METADATA}", port: 80, fetch: () => new Response("credentials") })' &`,
    `until (exec 3<>/dev/tcp/${METADATA}/80) 2>/dev/null; do :; done`,
    'exec "$@"',
  ].join("\n");
  return { gateway, wrapper: `exec unshare -n bash -c '${inside.replaceAll("'", `'\\''`)}' bash "$@"` };
}

async function look(runner: RunnerProgram, urls: string[]): Promise<Seen> {
  const { summary, steps } = await runner.run(urls.map((url) => request(url)));
  const sockets = await Promise.all(
    ["tcp", "tcp6"].map((table) => readFile(`/proc/${runner.program.pid}/net/${table}`, "utf8")),
  );
  const own = sockets.flatMap((table) => table.trim().split("\n").slice(1).map(toSocket));
  return {
    outcome: [summary.outcome, summary.reason].join(" ").trim(),
    steps: steps.map(({ response, errors }) => response?.code ?? errors[0]?.kind ?? "nothing"),
    peers: [...new Set(own.filter(({ state }) => state === ESTABLISHED).map(({ peer }) => peer))],
    // That of the metadata service is not the runner's.
    listening: own.filter(({ state, local }) => state === LISTEN && local !== METADATA).length,
  };
}

const ESTABLISHED = "01";
const LISTEN = "0A";

/** A line of `/proc/net/tcp`: addresses are hexadecimal, the bytes of IPv4 in reverse. */
function toSocket(line: string): { local: string; peer: string; state: string } {
  const [, local = "", remote = "", state = ""] = line.trim().split(/\s+/);
  return { local: toAddress(local), peer: toAddress(remote), state };
}

const toAddress = (text: string): string => {
  const bytes = text.split(":")[0]?.slice(-8).match(/../g) ?? [];
  return bytes
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
};

async function report(): Promise<ClosedNetworkReport> {
  await ip("link", "set", "lo", "up");
  await ip("address", "add", `${API}/32`, "dev", "lo");
  const plain = Bun.serve({ hostname: API, port: 0, fetch: () => new Response("plain") });
  await using secret = await startTlsServer();
  await using proxy = await startForwardProxy({
    host: "0.0.0.0",
    credentials: "user:password",
    names: { "api.internal": API },
  });
  const named = `http://api.internal:${plain.port}/`;

  const inside = async (
    args: (proxyUrl: string) => string[],
    urls: string[],
    controlPlane?: string,
  ): Promise<Seen> => {
    const { gateway, wrapper } = await openNetwork();
    await using runner = await startRunnerProgram({
      args: [...args(`http://user:password@${gateway}:${proxy.port}`), "--ssl-extra-ca-certs", "@ca.pem"],
      files: { "ca.pem": readTls("ca.pem") },
      wrapper,
      serverHost: controlPlane ?? gateway,
    });
    return await look(runner, urls);
  };
  const byProxy = (proxyUrl: string) => ["--proxy", proxyUrl];
  const allByProxy = (proxyUrl: string) => [...byProxy(proxyUrl), "--server-proxy", proxyUrl];

  const direct = await inside(() => [], [`http://${API}:${plain.port}/`, named]);
  const proxied = await inside(byProxy, [named, secret.url]);
  const askedOfProxy = [...proxy.asked];
  const allProxied = await inside(allByProxy, [named, secret.url], API);
  const metadata = await inside(() => [], [`http://${METADATA}/`]);
  const metadataAllowed = await inside(() => ["--allow", METADATA], [`http://${METADATA}/`]);
  return { direct, proxied, allProxied, metadata, metadataAllowed, askedOfProxy };
}

process.stdout.write(`${JSON.stringify(await report())}\n`);
process.exit(0);
