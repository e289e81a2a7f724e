import { resolve } from "node:path";

import { systemClock } from "../../lib/clock.ts";
import { parseHttpUrl, readEnvironment } from "../../lib/config.ts";
import { createAuthorizationService } from "../../runner/authorization.ts";
import { createControlPlane } from "../../runner/client.ts";
import { examineRunner } from "../../runner/doctor/doctor.ts";
import type { Finding } from "../../runner/doctor/finding.ts";
import { createEgressGate } from "../../runner/egress.ts";
import type { CommandContext } from "../context.ts";
import type { DoctorCommandOptions } from "../doctor.ts";
import { readRunnerId, readRunnerKey } from "../runner/identity.ts";
import { openEngine } from "../runner/local-engine.ts";
import { readNetwork } from "../runner/network-options.ts";

const DEFAULT_DATA_DIR = "./sallyport-runner";

/** From here, with the options that `runner start` would be given. */
export async function examineHere(
  options: DoctorCommandOptions & { server: string },
  { openLog }: CommandContext,
): Promise<Finding[]> {
  const server = parseHttpUrl(options.server, "--server");
  const network = await readNetwork(options, readEnvironment());
  const log = openLog("stderr");
  const tls = network.extraCaCerts ? { extraCaCerts: network.extraCaCerts } : {};
  const way = { server, ...tls, ...(network.serverProxy !== undefined && { proxy: network.serverProxy }) };
  const identity = await readOptionalIdentity(options);
  const controlPlane = identity && createControlPlane({ ...way, ...identity });
  const { authorizationUrl, rules, connection } = network;
  const authorization = authorizationUrl
    ? createAuthorizationService({ ...tls, baseUrl: authorizationUrl })
    : undefined;
  const gate = createEgressGate({ rules, log, ...(authorization && { authorization }) });
  const engine = openEngine({ places: 1, log, connection, gate });
  try {
    return await examineRunner({
      ...way,
      ...(controlPlane && { controlPlane }),
      engine,
      connection,
      targets: options.target ?? [],
      dataDir: resolve(options.dataDir ?? DEFAULT_DATA_DIR),
      clock: systemClock,
    });
  } finally {
    await Promise.all([engine.close(), controlPlane?.close(), authorization?.close()]);
  }
}

/** Without an id, or without a key that needs no question, the rest is examined all the same. */
async function readOptionalIdentity(options: DoctorCommandOptions) {
  const environment = readEnvironment();
  // An empty variable says nothing.
  const [id, key] = [options.id ?? environment.postmanRunnerId, options.key ?? environment.postmanRunnerKey];
  if (!id || !key) return undefined;
  return {
    runnerId: readRunnerId(options, environment),
    runnerKey: await readRunnerKey(options, environment),
  };
}
