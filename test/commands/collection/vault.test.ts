import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { runProgram } from "../../support/program.ts";
import { collectionOf, openPlace, testScript, type Place } from "./support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let place: Place;
beforeAll(async () => {
  place = await openPlace();
});
afterAll(() => place.leave());

const echo = (script: string) => ({
  name: "echo",
  request: {
    method: "POST",
    url: `${place.target.url}/echo`,
    body: { mode: "raw", raw: "{{vault:api-key}}" },
  },
  event: testScript(script),
});

test("--secrets fills the vault, and no report shows a secret, read or not", async () => {
  const script = `
    const key = await pm.vault.get("api-key");
    pm.test("arrived with " + pm.environment.get("copy"), () => pm.expect(pm.response.text()).to.equal(key));`;
  const collection = await place.file("vault.json", collectionOf(echo(script)));
  const secrets = await place.file("secrets.env", "api-key=s3cret-key\nother=unread-secret\n");

  const { exitCode, stdout } = await runProgram(
    ["collection", "run", collection, "--secrets", secrets, "--json"].concat(
      "--env-var",
      "copy=unread-secret",
    ),
  );

  expect(exitCode).toBe(0);
  expect(stdout).toContain("«api-key»");
  expect(stdout).toContain("«other»");
  expect(stdout).not.toMatch(/s3cret-key|unread-secret/);
});

test("a report that carries the documents carries no secret of them", async () => {
  const secrets = await place.file("secrets.env", "api-key=s3cret-key");
  const environment = await place.file("env.json", {
    name: "E",
    values: [{ key: "token", value: "t0ken-value", type: "secret" }],
  });
  const item = { name: "a", request: { url: `${place.target.url}/echo?k=s3cret-key&t=t0ken-value` } };
  const collection = await place.file("newman.json", collectionOf(item));

  const { stdout } = await runProgram(
    ["collection", "run", collection, "--secrets", secrets, "-e", environment].concat(
      ["--global-var", "g=s3cret-key"],
      ["--json", "--reporter-json-structure", "newman"],
    ),
  );

  const report = JSON.parse(stdout);
  expect(report.environment.values).toMatchObject([{ key: "token", value: "«token»" }]);
  expect(report.globals.values).toMatchObject([{ key: "g", value: "«api-key»" }]);
  expect(stdout).not.toMatch(/s3cret-key|t0ken-value/);
});

test("without --secrets scripts are denied; a file that is missing stops the run before it begins", async () => {
  const collection = await place.file("denied.json", collectionOf(echo("await pm.vault.get('api-key')")));

  const denied = await runProgram(["collection", "run", collection]);
  const missing = await runProgram(
    ["collection", "run", collection].concat("--secrets", join(place.folder, "none")),
  );

  expect([denied.exitCode, denied.stdout.includes("Vault access denied")]).toEqual([1, true]);
  expect([missing.exitCode, missing.stdout]).toEqual([1, ""]);
  expect(missing.stderr).toContain("none cannot be used (there is no such file)");
});
