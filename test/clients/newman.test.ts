import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { type Installation, startInstallation } from "../support/installation.ts";
import { stopEverything, temporaryFolder } from "../support/processes.ts";
import { bookshop, type Shop, startShop } from "./shop.ts";

setDefaultTimeout(120_000);

const program = join(import.meta.dir, "../../node_modules/newman/bin/newman.js");

let installation: Installation;
let shop: Shop;
let collection: { uid: string };
let environment: { uid: string };
beforeAll(async () => {
  shop = startShop();
  installation = await startInstallation();
  const { workspace } = await installation.call<{ workspace: { id: string } }>("POST", "/workspaces", {
    workspace: { name: "Shops", type: "team" },
  });
  const query = `?workspace=${workspace.id}`;
  ({ collection } = await installation.call<{ collection: { uid: string } }>("POST", `/collections${query}`, {
    collection: bookshop(),
  }));
  const values = [{ key: "baseUrl", value: shop.url, type: "secret", enabled: true }];
  ({ environment } = await installation.call<{ environment: { uid: string } }>(
    "POST",
    `/environments${query}`,
    {
      environment: { name: "Local", values },
    },
  ));
});
afterAll(async () => {
  await shop.stop();
  await stopEverything();
});

const urlOf = (path: string, key = installation.apiKey) =>
  `${installation.address}/api/${path}?apikey=${key}`;

async function newman(...args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn(["node", program, "run", ...args, "--color", "off"], {
    env: { PATH: process.env["PATH"] ?? "", HOME: temporaryFolder() },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { exitCode: await child.exited, output: output + errors };
}

describe("newman, unmodified", () => {
  test("runs a collection and an environment by their URLs", async () => {
    const run = await newman(
      urlOf(`collections/${collection.uid}`),
      "--environment",
      urlOf(`environments/${environment.uid}`),
    );

    expect(run.output).toContain("answers 200");
    expect(run.output).toContain("List books");
    expect(run.exitCode).toBe(0);
  });

  test("fails where the environment is missing", async () => {
    expect((await newman(urlOf(`collections/${collection.uid}`))).exitCode).not.toBe(0);
  });

  test("is told when the key is wrong", async () => {
    const run = await newman(urlOf(`collections/${collection.uid}`, "PMAK-wrong"));

    expect(run.exitCode).not.toBe(0);
    expect(run.output).toContain("Invalid API Key. Every request requires a valid API Key to be sent.");
  });
});
