import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { admin, startInstallation } from "../support/installation.ts";
import { startApp, stopEverything, temporaryFolder } from "../support/processes.ts";

afterEach(stopEverything);

/** `nobody`: Postgres wants its user to have a name. */
const UID = "65534";

/**
 * The place that a container gives: a root file system that nobody can write, one volume, a user without rights. Mounts of
 * its own, which end with the process.
 */
function container(volume: string): string[] {
  const script = [
    "set -e",
    "mount --make-rprivate /",
    `mount -t tmpfs -o mode=0700,uid=${UID},gid=${UID} volume "$1"`,
    "mount -o remount,bind,ro /",
    "shift",
    `exec setpriv --reuid ${UID} --regid ${UID} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"`,
  ].join("\n");
  return ["unshare", "--mount", "sh", "-c", script, "sh", volume];
}

function makeVolume(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const volume = join(folder, "volume");
  mkdirSync(volume);
  return volume;
}

/** Free a moment ago: the runner prints no port. */
async function freePort(): Promise<number> {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response() });
  const { port = 0 } = server;
  await server.stop(true);
  return port;
}

const canMount =
  Bun.which("unshare") !== null &&
  Bun.which("setpriv") !== null &&
  Bun.spawnSync(["unshare", "--mount", "sh", "-c", "mount --make-rprivate / && mount -o remount,bind,ro /"])
    .exitCode === 0;

describe.skipIf(!canMount)("with a read-only root, one volume and no rights (needs mount namespaces)", () => {
  test("the control plane with its Postgres gets ready", async () => {
    const volume = makeVolume();

    const server = startApp(["serve", "--port", "0", "--data-dir", join(volume, "data")], {
      uid: 0,
      cwd: "/",
      wrapper: container(volume),
      env: {
        HOME: volume,
        TMPDIR: volume,
        APP_ADMIN_EMAIL: admin.email,
        APP_ADMIN_PASSWORD: admin.password,
      },
    });
    const [, address = ""] = await server.find(/^ready (https?:\/\/\S+?)\/?$/m);

    expect((await fetch(`${address}/readyz`)).status).toBe(200);
    expect(await server.stop()).toBe(0);
  });

  test("a runner gets ready and serves its health", async () => {
    const { address, call } = await startInstallation();
    const { runner } = await call<{ runner: { id: string; key: string } }>("POST", "/runners", {
      runner: { name: "Contained", visibility: "all" },
    });
    const volume = makeVolume();
    const port = await freePort();

    const program = startApp(
      ["runner", "start", "--metrics", "--metrics-port", String(port), "--data-dir", join(volume, "data")],
      {
        uid: 0,
        cwd: "/",
        wrapper: container(volume),
        env: { HOME: volume, TMPDIR: volume, APP_SERVER: address, APP_ID: runner.id, APP_KEY: runner.key },
      },
    );
    const health = `http://127.0.0.1:${port}`;
    await program.find(/self-test passed/);

    await eventually(async () => (await fetch(`${health}/health/ready`)).ok);
    expect((await fetch(`${health}/health/live`)).status).toBe(200);
    program.kill("SIGTERM");
    expect(await program.ended).toBe(0);
  });
});
