import { afterAll, describe, expect, test } from "bun:test";
import { chmodSync, chownSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";

import { PROTOCOL_VERSION } from "../../src/contract/protocol.ts";
import { registerResponse, runnerHeaders } from "../../src/contract/runner.ts";
import { eventually } from "../support/eventually.ts";
import { admin, startInstallation, startServer } from "../support/installation.ts";
import {
  descendantsOf,
  isAlive,
  runApp,
  startApp,
  stopEverything,
  temporaryFolder,
} from "../support/processes.ts";
import { newDataDir, onDataDir, statusOf } from "../support/serving.ts";

afterAll(stopEverything);

/** Postgres and whatever else the server started; all must go with it. */
async function processesOf(serverPid: number): Promise<number[]> {
  const found = await eventually(() => {
    const processes = descendantsOf(serverPid);
    return processes.length > 0 ? processes : undefined;
  });
  return found;
}

const signIn = `email=${encodeURIComponent(admin.email)}&password=${encodeURIComponent(admin.password)}`;

/** A sign-in whose last byte has not come: a stopping server waits for it. */
async function openUnfinishedRequest(address: string): Promise<Socket> {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.on("error", () => {});
  const headers = [
    "POST /sign-in HTTP/1.1",
    `Host: ${new URL(address).host}`,
    `Origin: ${address}`,
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${signIn.length}`,
  ];
  socket.write(`${headers.join("\r\n")}\r\n\r\n${signIn.slice(0, -1)}`);
  return socket;
}

const registration = {
  hostname: "host.example.test",
  uniqueId: "unique",
  version: "0.1.0",
  osType: "linux",
  concurrency: 1,
  clock: "2026-01-01T00:00:00Z",
  publicKey: "",
};

/** A call of the protocol of runners. */
const callAsRunner = (
  address: string,
  { id, key }: { id: string; key: string },
  path: string,
  body: object,
) =>
  fetch(`${address}/runner/v1/${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      [runnerHeaders.runner]: id,
      [runnerHeaders.protocol]: String(PROTOCOL_VERSION),
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });

describe("app serve", () => {
  test("prints a one-time set-up link when there is no user, and none when there is", async () => {
    const dataDir = newDataDir();
    const first = startApp(["serve", ...onDataDir(dataDir)]);
    const [, link = ""] = await first.find(/(http:\S+\/setup\?token=\S+)/);
    expect(await statusOf(link)).toBe(200);
    await first.stop();

    const { server: second } = await startServer(onDataDir(dataDir));
    await second.stop();

    expect(second.output()).not.toContain("/setup");
  });

  test("needs no PATH and reads neither .env nor bunfig.toml from where it is started", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, ".env"), "APP_HOST=203.0.113.1\nAPP_DATA_DIR=/proc/nowhere\n");
    writeFileSync(join(cwd, "bunfig.toml"), 'preload = ["./missing.ts"]\n');

    const server = startApp(["serve", "--port", "0"], { cwd, env: { PATH: "", HOME: "" } });

    const [, address = ""] = await server.find(/^ready (http:\/\/127\.0\.0\.1:\d+)$/m);
    expect(await statusOf(`${address}/readyz`)).toBe(200);
    expect(statSync(join(cwd, "sallyport-data")).isDirectory()).toBeTrue();
    expect(await server.stop()).toBe(0);
  });

  test("answers whether it is alive, whether it can serve, and its figures", async () => {
    const { server, address } = await startServer(onDataDir(newDataDir()));

    expect(await (await fetch(`${address}/healthz`)).json()).toEqual({ status: "alive" });
    expect(await (await fetch(`${address}/readyz`)).json()).toEqual({ status: "ready" });
    expect(await (await fetch(`${address}/metrics`)).text()).toMatch(
      /^sallyport_database_up 1$[^]*# EOF\n$/m,
    );
    await server.stop();
  });

  test("stops on SIGTERM with exit code 0 and leaves no process behind", async () => {
    const { server } = await startServer([...onDataDir(newDataDir()), "--with-runner"]);
    await server.find(/runner registered/);
    const processes = await processesOf(server.pid);
    expect(processes.length).toBeGreaterThan(3);

    expect(await server.stop()).toBe(0);

    await eventually(() => processes.every((pid) => !isAlive(pid)));
  });

  test("finishes a request that was under way when the signal came", async () => {
    const { server, address } = await startServer(onDataDir(newDataDir()));
    const unfinished = await openUnfinishedRequest(address);
    const answer = new Promise<string>((resolve) => {
      unfinished.once("data", (bytes) => resolve(bytes.toString()));
      unfinished.once("close", () => resolve("closed without an answer"));
    });

    server.kill("SIGTERM");
    await server.find(/"message":"stopping"/);
    await eventually(async () => (await statusOf(`${address}/healthz`)) === 0);
    unfinished.write(signIn.slice(-1));

    expect(await answer).toMatch(/^HTTP\/1\.1 30[23] /);
    expect(await server.ended).toBe(0);
  });

  test("answers waiting claims when it stops, and cuts off nothing", async () => {
    const { address, server, call } = await startInstallation();
    const { runner } = await call<{ runner: { id: string; key: string } }>("POST", "/runners", {
      runner: { name: "Runner", visibility: "all" },
    });
    const send = (path: string, body: object) => callAsRunner(address, runner, path, body);
    const { instanceId } = registerResponse.parse(await (await send("register", registration)).json());
    const claim = send("claim", { instanceId, free: 1, waitSeconds: 60 });
    // A way to the database and back: the claim, sent before, is waiting by then.
    expect(await statusOf(`${address}/readyz`)).toBe(200);

    expect(await server.stop()).toBe(0);

    expect(await (await claim).json()).toMatchObject({ assignments: [] });
    expect(server.output()).not.toContain("requests were cut off");
  });

  test("a second signal ends it at once, and Postgres with it", async () => {
    const { server, address } = await startServer(onDataDir(newDataDir()));
    const processes = await processesOf(server.pid);
    const unfinished = await openUnfinishedRequest(address);

    server.kill("SIGTERM");
    await server.find(/"message":"stopping"/);
    server.kill("SIGTERM");

    expect(await server.ended).toBe(130);
    await eventually(() => processes.every((pid) => !isAlive(pid)));
    unfinished.destroy();
  });

  test("takes Postgres and runner with it when it is killed, and starts again with its data", async () => {
    const dataDir = newDataDir();
    const { server } = await startServer([...onDataDir(dataDir), "--with-runner"]);
    await server.find(/runner registered/);
    const processes = await processesOf(server.pid);

    server.kill("SIGKILL");
    await server.ended;
    const again = await startServer(onDataDir(dataDir));
    const { output } = await runApp(["user", "list", "--data-dir", dataDir]);

    expect(output).toContain(admin.email);
    await eventually(() => processes.every((pid) => !isAlive(pid)));
    await again.server.stop();
  });

  test("is not ready while a killed Postgres is away, and ready again by itself", async () => {
    const dataDir = newDataDir();
    const { server, address } = await startServer(onDataDir(dataDir));
    const postmaster = Number(readFileSync(join(dataDir, "database/postmaster.pid"), "utf8").split("\n")[0]);
    expect(await statusOf(`${address}/readyz`)).toBe(200);

    process.kill(postmaster, "SIGKILL");

    await eventually(async () => (await statusOf(`${address}/readyz`)) === 503);
    await eventually(async () => (await statusOf(`${address}/readyz`)) === 200, { timeoutMs: 45_000 });
    expect(server.output()).toContain("postgres ended by itself");
    await server.stop();
  });

  test("speaks TLS with the given certificate", async () => {
    const tls = join(import.meta.dir, "../support/tls");
    const certificate = ["--tls-cert", join(tls, "server.pem"), "--tls-key", join(tls, "server.key.pem")];

    const { server, address } = await startServer([...onDataDir(newDataDir()), ...certificate]);

    expect(address).toStartWith("https://127.0.0.1:");
    const ca = await Bun.file(join(tls, "ca.pem")).text();
    expect((await fetch(`${address}/readyz`, { tls: { ca } })).status).toBe(200);
    await server.stop();
  });

  test("starts a local runner again that was killed", async () => {
    const { server } = await startServer([...onDataDir(newDataDir()), "--with-runner"]);
    const [, runnerPid] = await server.find(/"message":"runner registered".*?"process\.pid":(\d+)/);

    process.kill(Number(runnerPid), "SIGKILL");

    await server.find(/local runner ended by itself[^]*"message":"runner registered"/);
    await server.stop();
  });

  test.skipIf(process.getuid?.() !== 0)("works for an ordinary user, who owns all of it", async () => {
    const home = temporaryFolder();
    const uid = statOfOrdinaryUser();
    chownSync(home, uid, uid);
    chmodSync(home, 0o700);
    const dataDir = join(home, "data");

    const server = startApp(["serve", ...onDataDir(dataDir)], { uid });

    await server.find(/^ready /m);
    expect(statSync(join(dataDir, "database")).uid).toBe(uid);
    expect(await server.stop()).toBe(0);
  });
});

/** `nobody` of most systems; initdb wants a user that has a name. */
const statOfOrdinaryUser = (): number => 65_534;
