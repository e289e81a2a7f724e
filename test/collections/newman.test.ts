import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { type ServedApi, servedApi } from "../support/served-api.ts";

setDefaultTimeout(120_000);

const program = join(import.meta.dir, "../../node_modules/newman/bin/newman.js");

let api: ServedApi;
beforeAll(async () => {
  api = await servedApi();
  await api.make.workspace({ createdBy: api.actor.userId });
});
afterAll(() => api.stop());

async function runNewman(address: string): Promise<{ code: number; output: string }> {
  const child = Bun.spawn(["node", program, "run", address, "--color", "off"], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, output: output + errors };
}

test("newman runs a collection from its address, with an API key and with an access key", async () => {
  const collection = {
    info: {
      name: "From the server",
      schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    item: [{ name: "Health", request: { method: "GET", url: `${api.url}/healthz` } }],
  };
  const { id, uid } = (await api.call("POST", "/collections", { collection })).body.collection;
  const { token } = (await api.call("POST", "/collection-access-keys", { collectionId: id })).body.data;

  const byKey = await runNewman(`${api.url}/api/collections/${uid}?apikey=${api.key}`);
  const byAccessKey = await runNewman(`${api.url}/api/collections/${uid}?access_key=${token}`);
  const byNothing = await runNewman(`${api.url}/api/collections/${uid}`);

  for (const { code, output } of [byKey, byAccessKey]) {
    expect([code, output]).toEqual([0, expect.stringContaining("From the server")]);
  }
  expect(byNothing.code).not.toBe(0);
});
