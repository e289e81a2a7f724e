import { readFileSync } from "node:fs";
import { join } from "node:path";

import { makeCollection } from "./large-collection.ts";
import { quantile } from "./measure.ts";

type Print = (line: string) => void;

const COLLECTIONS = Number(process.env["BENCH_COLLECTIONS"] ?? 1000);
const SIZE_BYTES = 1_000_000;
/** As many documents are made; the rest are the same with other names. */
const DISTINCT = 20;
const CLIENTS = 4;

interface Started {
  url: string;
  key: string;
  workspaceId: string;
}

/** List, get and create at 1,000 collections of 1 MB, over HTTP from another process, four calls at a time. */
export async function measureLoad(print: Print): Promise<void> {
  const command = [process.execPath, join(import.meta.dir, "load-server.ts")];
  const server = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  try {
    const started = await readStarted(server.stdout);
    await drive(started, server.pid, print);
  } finally {
    await server.stdin.end();
    await server.exited;
  }
}

async function readStarted(output: ReadableStream<Uint8Array>): Promise<Started> {
  let text = "";
  const reader = output.getReader();
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the server of the benchmark did not start");
    text += new TextDecoder().decode(value);
  }
  // Written by load-server.ts.
  return JSON.parse(text.slice(0, text.indexOf("\n"))) as Started;
}

async function drive({ url, key, workspaceId }: Started, pid: number, print: Print): Promise<void> {
  const headers = { "x-api-key": key, "content-type": "application/json", "accept-encoding": "gzip" };
  const documents = Array.from({ length: DISTINCT }, (_, n) => JSON.stringify(makeCollection(SIZE_BYTES, n)));
  const ids: string[] = [];
  const call = async (method: string, path: string, body?: string, more: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers: { ...headers, ...more },
      // Bytes as they come: unpacking them would be a cost of the client.
      decompress: false,
      ...(body !== undefined && { body }),
    });
    const bytes = await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${Buffer.from(bytes).toString()}`);
    return bytes;
  };
  const measure = (name: string, calls: number, one: (n: number) => Promise<unknown>) =>
    measureCalls({ name, calls, pid, print }, one);
  const idAt = (n: number): string => ids[(n * 7919) % ids.length] ?? "";

  print(`${COLLECTIONS} collections of ${SIZE_BYTES / 1e6} MB, ${CLIENTS} calls at a time`);
  await measure("create", COLLECTIONS, async (n) => {
    const document = (documents[n % DISTINCT] ?? "").replace(
      '"name":"Large',
      `"name":"Collection ${n}, large`,
    );
    const created = await call("POST", `/collections?workspace=${workspaceId}`, `{"collection":${document}}`);
    // Answered by our own server.
    const { collection } = JSON.parse(Buffer.from(created).toString()) as { collection: { id: string } };
    ids.push(collection.id);
  });
  await measure("list all", 300, () => call("GET", "/collections"));
  await measure("list a page of 100", 500, (n) =>
    call("GET", `/collections?limit=100&offset=${(n * 100) % COLLECTIONS}`),
  );
  await measure("get, first time", COLLECTIONS, (n) => call("GET", `/collections/${ids[n] ?? ""}`));
  await measure("get, gzip", 4000, (n) => call("GET", `/collections/${idAt(n)}`));
  await measure("get, plain", 1000, (n) =>
    call("GET", `/collections/${idAt(n)}`, undefined, { "accept-encoding": "identity" }),
  );
  await measure("add a request", 200, (n) =>
    call("POST", `/collections/${idAt(n)}/requests`, '{"name":"New","method":"GET"}'),
  );
  await measure("replace", 200, (n) =>
    call("PUT", `/collections/${idAt(n)}`, `{"collection":${documents[0]}}`),
  );
  await measure("one request", 200, async (n) => {
    const made = await call("POST", `/collections/${idAt(n)}/folders`, '{"name":"New"}');
    // Answered by our own server.
    const { model_id } = JSON.parse(Buffer.from(made).toString()) as { model_id: string };
    await call("GET", `/collections/${idAt(n)}/folders/${model_id}`);
  });
}

async function measureCalls(
  { name, calls, pid, print }: { name: string; calls: number; pid: number; print: Print },
  one: (n: number) => Promise<unknown>,
): Promise<void> {
  const times: number[] = [];
  let next = 0;
  const cpuBefore = cpuSecondsOf(pid);
  const startedMs = performance.now();
  const client = async () => {
    for (let n = next++; n < calls; n = next++) {
      const callMs = performance.now();
      await one(n);
      times.push(performance.now() - callMs);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const seconds = (performance.now() - startedMs) / 1000;
  const ms = (part: number) => quantile(times, part).toFixed(1).padStart(7);
  const cpuMs = ((cpuSecondsOf(pid) - cpuBefore) * 1000) / calls;
  print(
    `  ${name.padEnd(20)} ${(calls / seconds).toFixed(0).padStart(6)}/s   p50 ${ms(0.5)} ms   p99 ${ms(0.99)} ms   server CPU ${cpuMs.toFixed(1).padStart(5)} ms   RSS ${rssMbOf(pid)} MB`,
  );
}

/** Linux only; elsewhere nothing is known of another process. */
function cpuSecondsOf(pid: number): number {
  const fields = readProc(pid, "stat")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const rssMbOf = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readProc(pid, "status"))?.[1] ?? Number.NaN) / 1024);

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
