import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac } from "node:crypto";
import { join } from "node:path";

import { readFiles } from "../../src/commands/apply/files.ts";
import { alertFiles, alertVariables } from "../commands/apply/support.ts";
import { type Installation, startInstallation } from "../support/installation.ts";
import { runApp, stopEverything, temporaryFolder } from "../support/processes.ts";

setDefaultTimeout(180_000);

let first: Installation;
let second: Installation;
let folder: string;
const received: { body: string; signature: string; team: string }[] = [];
const receiver = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async (request) => {
    received.push({
      body: await request.text(),
      signature: request.headers.get("x-sallyport-signature") ?? "",
      team: request.headers.get("x-team") ?? "",
    });
    return new Response("ok");
  },
});

beforeAll(async () => {
  [first, second] = [await startInstallation(), await startInstallation()];
  folder = temporaryFolder();
  await write("git", alertFiles("Shop"));
});

afterAll(async () => {
  await receiver.stop(true);
  await stopEverything();
});

async function write(name: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) await Bun.write(join(folder, name, path), text);
}

const run = ({ address, apiKey }: Installation, args: string[], env: Record<string, string> = {}) =>
  runApp(args, { env: { ...env, APP_SERVER: address, APP_API_KEY: apiKey, XDG_CONFIG_HOME: folder } });

test("files in git make the same alerts in another installation, with secrets of the environment only", async () => {
  const hook = `http://127.0.0.1:${receiver.port}/hook/t0ken`;
  const variables = { ...alertVariables, PROGRAM_URL: hook };
  const secrets = {
    CHANNEL_CHAT_URL: variables.CHAT_URL,
    CHANNEL_PROGRAM_URL: hook,
    CHANNEL_PROGRAM_SECRET: variables.PROGRAM_SECRET,
    CHANNEL_PROGRAM_X_TEAM: "shop",
  };
  const onCall = "team-alert-channels/On call.yaml";
  await write("team", { [onCall]: alertFiles("")[onCall] ?? "" });

  const applied = await run(first, ["apply", "-f", join(folder, "git"), "--yes"], variables);
  const exported = await run(first, ["export", "workspace", "Shop", "-o", join(folder, "out")]);
  const withoutSecrets = await run(second, ["apply", "-f", join(folder, "out"), "--yes"]);
  const teamApplied = await run(second, ["apply", "-f", join(folder, "team"), "--yes"], variables);
  const elsewhere = await run(second, ["apply", "-f", join(folder, "out"), "--yes"], secrets);
  const again = await run(second, ["apply", "-f", join(folder, "out"), "--yes"], secrets);
  const returned = await run(second, ["export", "workspace", "Shop", "-o", join(folder, "back")]);
  const { alertChannels } = await second.call<{ alertChannels: { id: string; name: string }[] }>(
    "GET",
    "/alert-channels",
  );
  const program = alertChannels.find(({ name }) => name === "Program");
  await second.call("POST", `/alert-channels/${program?.id}/test`);

  expect(applied).toMatchObject({ code: 0, output: expect.stringContaining("14 to create") });
  expect([exported.code, teamApplied.code, returned.code]).toEqual([0, 0, 0]);
  expect(withoutSecrets).toMatchObject({
    code: 1,
    output: expect.stringContaining(
      'names the alert channel "On call", which is neither in the files nor there.',
    ),
  });
  expect(elsewhere).toMatchObject({ code: 0, output: expect.stringContaining("13 to create") });
  expect(again).toEqual({ code: 0, output: "Nothing to do: everything is as the files say.\n" });
  expect(await readFiles(join(folder, "back"))).toEqual(await readFiles(join(folder, "out")));
  const [message] = received;
  const [, seconds = ""] = /^t=(\d+),/.exec(message?.signature ?? "") ?? [];
  const digest = createHmac("sha256", "s1gn").update(`${seconds}.${message?.body}`).digest("hex");
  expect(message).toMatchObject({ signature: `t=${seconds},v1=${digest}`, team: "shop" });
});
