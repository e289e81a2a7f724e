import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import type { ClosedNetworkReport } from "../support/closed-network.ts";

// Several runners in networks of their own, on a machine that may be busy.
setDefaultTimeout(120_000);

/** Where a user may not make network namespaces, or `ip` is missing, the other network tests stand alone. */
const canMakeNetworks = ((): boolean => {
  if (process.platform !== "linux") return false;
  const script =
    "ip link set lo up && ip link add here type veth peer name there && unshare -n true && command -v nsenter";
  try {
    return Bun.spawnSync(["unshare", "-rn", "sh", "-c", script]).exitCode === 0;
  } catch {
    return false;
  }
})();

describe.skipIf(!canMakeNetworks)(
  "in a network from which only the control plane and a proxy can be reached",
  () => {
    let report: ClosedNetworkReport;
    beforeAll(async () => {
      const main = join(import.meta.dir, "../support/closed-network.ts");
      const child = Bun.spawn(["unshare", "-rn", process.execPath, main], {
        stdout: "pipe",
        stderr: "inherit",
      });
      const output = await new Response(child.stdout).text();
      // The only thing that it prints, and both files are typed by one interface.
      report = JSON.parse(output) as ClosedNetworkReport;
    }, 120_000);

    test("a runner works with the control plane, and sees that the API is out of reach", () => {
      expect(report.direct).toMatchObject({ steps: ["target", "dns"] });
    });

    test("--proxy reaches the API, by a name that only the proxy knows, in plain and through a tunnel", () => {
      expect(report.proxied).toMatchObject({ outcome: "passed", steps: [200, 200] });
      expect(report.askedOfProxy).toEqual([
        expect.stringMatching(/^GET api\.internal:\d+$/),
        expect.stringMatching(/^CONNECT 127\.0\.0\.1:\d+$/),
      ]);
    });

    test("with --server-proxy the control plane may stand behind the proxy, too", () => {
      expect(report.allProxied).toMatchObject({ outcome: "passed", steps: [200, 200] });
    });

    test("a metadata service that is really there is not asked unless it is allowed", () => {
      expect(report.metadata).toMatchObject({ outcome: "errored egress_denied" });
      expect(report.metadataAllowed).toMatchObject({ outcome: "passed", steps: [200] });
    });

    test("a runner listens nowhere, and its connections lead to one machine", () => {
      for (const seen of [report.direct, report.proxied, report.allProxied, report.metadata]) {
        expect(seen.listening).toBe(0);
        expect(seen.peers).toEqual([expect.stringMatching(/^10\.77\.\d\.1$/)]);
      }
    });
  },
);
