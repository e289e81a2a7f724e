import { readFileSync } from "node:fs";

import { PROTOCOL_VERSION } from "../../src/contract/protocol.ts";
import { runnerHeaders } from "../../src/contract/runner.ts";
import { startInstallation } from "../support/installation.ts";
import { stopEverything } from "../support/processes.ts";

/**
 * Memory and CPU of a control plane that holds ten thousand idle long polls over real HTTP; every poll is sent again
 * when it was answered. Linux only.
 */
const POLLS = Number(process.argv[2] ?? 10_000);
const SECONDS = 55;
const WAIT_SECONDS = 25;
const MS_PER_TICK = 10;
const MB = 1024 * 1024;
const print = (line: string) => void process.stdout.write(`${line}\n`);

try {
  const { address, call, server } = await startInstallation();
  const { runner } = await call<{ runner: { id: string; key: string } }>("POST", "/runners", {
    runner: { name: "Runner", visibility: "all" },
  });
  const before = readMemory(server.pid);
  const polls = await openPolls(new URL(address), runner);
  const samples: { seconds: number; bytes: number; cpuMs: number }[] = [];
  for (let seconds = 1; seconds <= SECONDS; seconds++) {
    await Bun.sleep(1000);
    samples.push({ seconds, bytes: readMemory(server.pid), cpuMs: readCpu(server.pid) });
  }
  const peak = Math.max(...samples.map((sample) => sample.bytes));
  print(`${POLLS} long polls for ${SECONDS} s: ${polls.answered()} answers, ${polls.failed()} failures`);
  print(
    `  RSS ${toMb(before)} MB before, ${toMb(peak)} MB at most, ${toMb(samples.at(-1)?.bytes ?? 0)} MB at the end`,
  );
  const cpu = (samples.at(-1)?.cpuMs ?? 0) - (samples[0]?.cpuMs ?? 0);
  print(`  CPU of the control plane: ${((cpu / 1000 / (SECONDS - 1)) * 100).toFixed(0)} % of a core`);
} finally {
  await stopEverything();
}
// The sockets of the polls are still open.
process.exit(0);

/** Raw sockets, because clients of HTTP limit how many connections they open. */
async function openPolls(server: URL, runner: { id: string; key: string }) {
  const headers = {
    authorization: `Bearer ${runner.key}`,
    [runnerHeaders.runner]: runner.id,
    [runnerHeaders.protocol]: String(PROTOCOL_VERSION),
    "content-type": "application/json",
  };
  const registered = await fetch(new URL("/runner/v1/register", server), {
    method: "POST",
    headers,
    body: JSON.stringify({
      hostname: "bench",
      uniqueId: crypto.randomUUID(),
      version: "0",
      osType: "linux",
      concurrency: 1,
      clock: new Date().toISOString(),
      publicKey: "none",
    }),
  });
  // The contract's answer to `register`.
  const { instanceId } = (await registered.json()) as { instanceId: string };
  const body = JSON.stringify({ instanceId, free: 1, waitSeconds: WAIT_SECONDS });
  const lines = Object.entries({ host: server.host, ...headers, "content-length": String(body.length) });
  const request = `POST /runner/v1/claim HTTP/1.1\r\n${lines.map((line) => line.join(": ")).join("\r\n")}\r\n\r\n${body}`;

  let answered = 0;
  let failed = 0;
  const open = () =>
    Bun.connect({
      hostname: server.hostname,
      port: Number(server.port),
      socket: {
        open: (socket) => void socket.write(request),
        data: (socket, bytes) => {
          if (!bytes.toString("latin1").startsWith("HTTP/1.1 200")) failed++;
          answered++;
          socket.write(request);
        },
        error: () => void failed++,
        close: () => void failed++,
      },
    });
  for (let opened = 0; opened < POLLS; opened += 100) {
    await Promise.all(Array.from({ length: Math.min(100, POLLS - opened) }, open));
  }
  return { answered: () => answered, failed: () => failed };
}

function readMemory(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

function readCpu(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

function toMb(bytes: number): string {
  return (bytes / MB).toFixed(0);
}
