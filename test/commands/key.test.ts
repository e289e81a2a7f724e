import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eventually } from "../support/eventually.ts";
import { startProgram } from "../support/program.ts";
import { servedApi, type ServedApi } from "../support/served-api.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let api: ServedApi;
let folder: string;
beforeAll(async () => {
  api = await servedApi();
  folder = await mkdtemp(join(tmpdir(), "key-test-"));
});
afterAll(() => Promise.all([api.stop(), rm(folder, { recursive: true, force: true })]));

const loggedIn = () => ({ APP_SERVER: api.url, APP_API_KEY: api.key, XDG_CONFIG_HOME: folder });
const app = (args: string[], env: Record<string, string> = loggedIn()) =>
  startProgram(["key", ...args], env).exited;

describe("keys of a control plane, by its API", () => {
  test("are created, listed, renamed and revoked", async () => {
    const other = await api.newKey({ role: "member" });
    const wanted = ["--name", "deploy", "--expires", "90d", "--scope", "collections:read"];
    const created = await app(["create", ...wanted, "--email", other.actor.email, "--json"]);
    const { id, key } = JSON.parse(created.stdout);
    const renamed = await app(["rename", id, "deploys"]);
    const listed = await app(["list", "--json"]);
    const revoked = await app(["revoke", id]);
    const table = await app(["list"]);

    expect(key).toStartWith("PMAK-");
    expect(renamed.stdout).toBe(`Renamed ${id}.\n`);
    expect(JSON.parse(listed.stdout)).toContainEqual(
      expect.objectContaining({
        id,
        name: "deploys",
        owner: other.actor.email,
        scopes: ["collections:read"],
        state: "valid",
      }),
    );
    expect(listed.stdout).not.toContain(key);
    expect(revoked.stdout).toBe(`Revoked ${id}.\n`);
    expect(table.stdout).toMatch(new RegExp(`${id} .* deploys .* revoked`));
  });

  test("show what they did", async () => {
    const { id, key } = await api.newKey({ scopes: ["collections:read"] });
    await api.call("GET", "/environments?apikey=secret", undefined, { "x-api-key": key });

    const { stdout } = await eventually(async () => {
      const shown = await app(["calls", id]);
      return shown.stdout.includes("/environments") ? shown : undefined;
    });

    expect(stdout).toContain("GET /environments?apikey=***");
    expect(stdout).toContain("denied: scope:environments:read");
    expect(stdout).toContain("403");
  });

  test.each([
    [["rename", "1", "x"], '"1" is not the id of an API key: the command key list prints ids.', 2],
    [
      ["create", "--email", "nobody@example.test"],
      "There is no user with the e-mail nobody@example.test.",
      1,
    ],
    [["create", "--scope", "everything"], 'Unknown scope "everything"', 1],
  ])("%j is refused in one sentence", async (args, says, code) => {
    const { exitCode, stderr } = await app(args);

    expect(stderr).toContain(says);
    expect(exitCode).toBe(code);
  });

  test("are not asked for when data on this machine is named", async () => {
    const { exitCode, stderr } = await app(["list", "--data-dir", join(folder, "nothing")]);

    expect(exitCode).toBe(1);
    expect(stderr).toContain("There is no data in");
  });
});
