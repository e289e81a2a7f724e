import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { mocks } from "../../db/schema.ts";
import { newId } from "../../src/lib/ids.ts";
import { defaultMockConfig } from "../../src/mocks/mock.ts";
import { createApp } from "../../src/server/app.ts";
import { collectionOf, type Saved } from "../mocks/support.ts";
import { testDeps } from "../support/api.ts";
import { silentLog } from "../support/database.ts";
import { createMake } from "../support/make.ts";

/**
 * Calls per second of one mock over HTTP, on the embedded database, with a collection of 1 MB; every call is logged.
 * The caller is a process of its own: `bun test/bench/mocks.ts call URL` is that one.
 */
const EXAMPLES = 1_000;
const SECONDS = 5;
const CONCURRENCY = 32;

const print = (line: string) => void process.stdout.write(`${line}\n`);

async function callFor(address: string): Promise<void> {
  const times: number[] = [];
  const endsAt = performance.now() + SECONDS * 1000;
  const caller = async () => {
    while (performance.now() < endsAt) {
      const startedAt = performance.now();
      await (await fetch(address)).arrayBuffer();
      times.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, caller));
  times.sort((left, right) => left - right);
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
  print(`${Math.round(times.length / SECONDS)} calls/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
}

/** Half of them wildcards, a few with templates. */
const examples = (): Saved[] =>
  Array.from({ length: EXAMPLES }, (_, index) => ({
    url: index % 2 === 0 ? `{{baseUrl}}/books-${index}` : `{{baseUrl}}/shops-${index}/{{id}}`,
    body: JSON.stringify({
      id: index % 4 === 1 ? "{{id}} {{$guid}}" : index,
      text: "a line of text ".repeat(42),
    }),
    language: "json",
  }));

async function measure(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
  const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
  const database = connect({ target: postgres.target });
  const stopping = new AbortController();
  const app = createApp(testDeps(database, { stopping: stopping.signal }));
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch });
  try {
    await migrate(database);
    const document = collectionOf(examples());
    const { id: collectionId, workspaceId, ownerId } = await createMake(database).collection({ document });
    const id = newId();
    const mock = { id, workspaceId, ownerId, name: "Mock", collectionId, config: defaultMockConfig };
    await database.db.insert(mocks).values(mock);
    print(`${EXAMPLES} examples, ${(JSON.stringify(document).length / 1e6).toFixed(2)} MB`);
    const address = `http://127.0.0.1:${server.port}/mock/${id}`;
    const startedAt = performance.now();
    await (await fetch(`${address}/books-0`)).arrayBuffer();
    print(`first call: ${(performance.now() - startedAt).toFixed(0)} ms`);
    for (const path of ["/books-500", "/shops-501/7", "/nothing/at/all"]) {
      const caller = Bun.spawn([process.execPath, import.meta.path, "call", address + path], {
        stdout: "pipe",
      });
      const cpu = process.cpuUsage();
      const said = (await new Response(caller.stdout).text()).trim();
      const { user, system } = process.cpuUsage(cpu);
      const calls = Number(/^\d+/.exec(said)?.[0]) * SECONDS;
      print(`${path}: ${said}, ${((user + system) / 1000 / calls).toFixed(2)} ms CPU a call`);
    }
  } finally {
    stopping.abort();
    await server.stop(true);
    await database.close();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const [, , mode, url = ""] = process.argv;
if (mode === "call") await callFor(url);
else await measure();
