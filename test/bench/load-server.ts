// The server of the benchmark `load`, in a process of its own: the whole app on an embedded Postgres with its usual settings.
// Prints its address, an API key and a workspace as one line of JSON, and ends with its standard input.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connect } from "../../db/connect.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrate } from "../../db/migrate.ts";
import { systemActor } from "../../src/access/audit/audit.ts";
import { createApiKey } from "../../src/access/keys/store.ts";
import { createUser } from "../../src/access/people/store.ts";
import { createApp } from "../../src/server/app.ts";
import { createWorkspace } from "../../src/workspaces/store.ts";
import { testDeps } from "../support/api.ts";
import { silentLog } from "../support/database.ts";

const dataDir = mkdtempSync(join(tmpdir(), "sallyport-bench-"));
const postgres = await startEmbeddedPostgres({ dataDir, log: silentLog });
const database = connect({ target: postgres.target });
try {
  await migrate(database);
  const user = await createUser(database, systemActor, {
    email: "ada@example.test",
    name: "Ada",
    password: "correct horse battery",
    role: "admin",
  });
  const actor = { ...systemActor, userId: user.id };
  const { key } = await createApiKey(database, actor, { userId: user.id, name: "bench" });
  const workspace = await createWorkspace(database, actor, { name: "Bench", type: "team" });
  const { fetch } = createApp(testDeps(database));
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: (request) => fetch(request) });
  const started = { url: `http://127.0.0.1:${server.port}`, key, workspaceId: workspace.id };
  process.stdout.write(`${JSON.stringify(started)}\n`);
  let sizeBytes = 0;
  for await (const chunk of Bun.stdin.stream()) sizeBytes += chunk.byteLength;
  await server.stop(sizeBytes === 0);
} finally {
  await database.close();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
process.exit(0);
