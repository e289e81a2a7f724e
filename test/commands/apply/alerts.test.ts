import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";

import { readFiles } from "../../../src/commands/apply/files.ts";
import { runProgram } from "../../support/program.ts";
import { alertFiles, alertVariables, type Files, startFiles } from "./support.ts";

// Every test starts processes, on a machine that may be busy.
setDefaultTimeout(120_000);

let files: Files;

beforeAll(async () => {
  files = await startFiles();
});

afterAll(() => files.stop());

/** With some variables in the environment. */
const appWith = (variables: Record<string, string>, ...args: string[]) =>
  runProgram(args, { ...files.env, ...variables });
const apply = (folder: string, ...args: string[]) => appWith({}, "apply", "-f", folder, "--yes", ...args);
const applyWith = (folder: string, ...args: string[]) =>
  appWith(alertVariables, "apply", "-f", folder, "--yes", ...args);
const listOf = async (kind: string, list: string, workspace: string) =>
  (await files.api.call("GET", `/${kind}?workspace=${await idOf(workspace)}`)).body[list];
const idOf = async (name: string): Promise<string> => {
  const { workspaces } = (await files.api.call("GET", "/workspaces")).body;
  return workspaces.find((one: { name: string }) => one.name === name).id;
};
const nothingToDo = "Nothing to do: everything is as the files say.\n";

describe("app apply, of who is told and when", () => {
  test("shows a plan, does it, and has nothing to do the second time, with or without the secrets", async () => {
    const folder = await files.write("first", alertFiles("First"));

    const planned = await applyWith(folder, "--dry-run");
    const first = await applyWith(folder);
    const second = await applyWith(folder);
    const third = await apply(folder);

    expect([planned.stderr, planned.stdout.split("\n")]).toEqual([
      "",
      [
        'workspace "First"',
        '  + workspace "First"',
        '  + collection "Shop"',
        '  + monitor "Checkout"',
        '  + monitor "Nightly"',
        '  + alert channel "Chat"',
        '  + alert channel "Mail"',
        '  + alert channel "Program"',
        '  + alert rule "every monitor"',
        '  + alert rule "Nightly - Slow"',
        '  + maintenance window "Deployments"',
        '  + maintenance window "New database"',
        '  + summary "Mail weekly"',
        '  + status page "first"',
        "team",
        '  + alert channel "On call"',
        "Plan: 14 to create, 0 to update, 0 to delete, 0 unchanged.",
        "",
      ],
    ]);
    expect([first.exitCode, first.stderr]).toEqual([0, ""]);
    expect([second.exitCode, second.stderr, second.stdout]).toEqual([0, "", nothingToDo]);
    expect([third.exitCode, third.stderr, third.stdout]).toEqual([0, "", nothingToDo]);
    const rules = await listOf("alert-rules", "alertRules", "First");
    expect(rules).toHaveLength(2);
    expect(rules).toContainEqual(expect.objectContaining({ name: "Slow", latencyMs: 800, latencyOf: "p95" }));
    const [page] = await listOf("status-pages", "statusPages", "First");
    const { statusPage } = (await files.api.call("GET", `/status-pages/${page.id}`)).body;
    expect(statusPage.monitors.map((one: { name: string }) => one.name)).toEqual(["Nights", "Buying"]);
  });

  test("changes what differs and nothing else", async () => {
    const folder = await files.write("second", alertFiles("Second"));
    await applyWith(folder);
    const [before] = await listOf("status-pages", "statusPages", "Second");
    await files.write("second", {
      "alert-channels/Chat.yaml": 'name: Chat\nactive: false\nconfig: { kind: slack, url: "${CHAT_URL}" }\n',
      "alert-rules/Slow.yaml": "name: Slow\nmonitor: Nightly\nchannels: [Chat]\nlatencyMs: 900\n",
      "maintenance-windows/Deployments.yaml":
        'name: Deployments\ntag: shop\nrecurring: { cron: "0 4 * * 0", timezone: UTC, durationMinutes: 30 }\n',
      "alert-summaries/Mail.yaml": "channel: Mail\nperiod: weekly\nhour: 7\ntimezone: Europe/Berlin\n",
      "status-pages/second.yaml":
        "slug: second\ntitle: Second\nmonitors:\n  - { monitor: Checkout, name: Buying }\n",
    });

    const changed = await appWith(
      { ...alertVariables, CHAT_URL: "https://chat.example.test/hooks/rotated", PROGRAM_SECRET: "" },
      "apply",
      "-f",
      folder,
      "--yes",
    );
    const again = await apply(folder);

    expect([changed.stderr, changed.stdout.split("\n")]).toEqual([
      "",
      [
        'workspace "Second"',
        '  ~ alert channel "Chat": url, active',
        '  ~ alert rule "Nightly - Slow": channels, latencyMs',
        '  ~ maintenance window "Deployments": tag, recurring',
        '  ~ summary "Mail weekly": hour',
        '  ~ status page "second": title, monitors',
        "Plan: 0 to create, 5 to update, 0 to delete, 9 unchanged.",
        "Done.",
        "",
      ],
    ]);
    expect(again.stdout).toBe(nothingToDo);
    const [after] = await listOf("status-pages", "statusPages", "Second");
    expect([after.id, after.timezone, after.monitors]).toEqual([before.id, "Europe/Berlin", 1]);
    const channels = await listOf("alert-channels", "alertChannels", "Second");
    const { id } = channels.find((one: { name: string }) => one.name === "Program");
    const { config } = (await files.api.call("GET", `/alert-channels/${id}/config`)).body;
    expect(config.parts).toEqual(["url", "secret", "headers.X-Team"]);
  });

  test("deletes only with --prune, and never what the team has", async () => {
    const folder = await files.write("third", alertFiles("Third"));
    await applyWith(folder);
    const rest = await files.write("third rest", { "workspace.yaml": "name: Third\n" });

    const kept = await apply(rest);
    const pruned = await apply(rest, "--prune");

    expect(kept.stdout).toContain('summary "Mail weekly"');
    expect(kept.stdout).toContain("Nothing to do");
    expect([pruned.stderr, pruned.exitCode]).toEqual(["", 0]);
    expect(pruned.stdout).toContain("Plan: 0 to create, 0 to update, 12 to delete, 1 unchanged.");
    const left = await listOf("alert-channels", "alertChannels", "Third");
    expect(left.map((one: { name: string }) => one.name)).toEqual(["On call"]);
    expect(await listOf("maintenance-windows", "maintenanceWindows", "Third")).toEqual([]);
  });

  test("knows what is there in a workspace that has more than a list shows", async () => {
    const folder = await files.write("many", alertFiles("Many"));
    await applyWith(folder);
    const id = await idOf("Many");
    const { sql } = files.api.database;
    await sql`
      insert into alert_rules (id, workspace_id, monitor_id, name, on_failure, on_error, on_missed, on_runner, on_recovery,
        every_failure, in_a_row, quorum, created_by, created_at)
      select gen_random_uuid(), ${id}, m.id, 'Old ' || n, true, true, true, false, true, false, 3, 1, w.created_by, '2020-01-01'
        from monitors m join workspaces w on w.id = m.workspace_id, generate_series(1, 1000) n where m.workspace_id = ${id} and m.name = 'Checkout'`;
    await sql`
      insert into maintenance_windows (id, workspace_id, name, behaviour, covers, starts_at, ends_at, created_by, created_at)
      select gen_random_uuid(), ${id}, 'Past ' || n, 'skip', 'all', '2020-01-01', '2020-01-02', w.created_by, now()
        from workspaces w, generate_series(1, 500) n where w.id = ${id}`;

    const { stdout, stderr } = await apply(folder, "--dry-run");

    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n").at(-1)).toBe(nothingToDo.trimEnd());
  });

  test("refuses a name that several channels have there", async () => {
    const { "alert-rules/Slow.yaml": rule = "", ...rest } = alertFiles("Twins");
    await applyWith(await files.write("twins", rest));
    const config = { kind: "email", recipients: ["b@example.test"] };
    const mail = { name: "Mail", config };
    await files.api.call("POST", "/alert-channels", { workspace: await idOf("Twins"), ...mail });
    const { "alert-channels/Mail.yaml": _mail, ...named } = rest;
    const onlyRule = await files.write("twins by rule", { ...named, "alert-rules/Slow.yaml": rule });
    const onlyChannel = await files.write("twins by channel", rest);

    const [byRule, byChannel] = [await apply(onlyRule), await apply(onlyChannel)];

    expect([byRule.exitCode, byRule.stderr]).toEqual([
      1,
      'app: Alert rule "Nightly - Slow" of workspace "Twins" names "Mail", and there are several of that name: rename all but one.\n',
    ]);
    expect([byChannel.exitCode, byChannel.stderr]).toEqual([
      1,
      'app: Workspace "Twins" holds several alert channels named "Mail": rename or delete all but one.\n',
    ]);
  });

  test("leaves a single maintenance alone that is open or over", async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const folder = await files.write("fourth", {
      "workspace.yaml": "name: Fourth\n",
      "maintenance-windows/now.yaml": `name: Now\nonce: { from: 2026-01-01T00:00:00Z, to: ${inAnHour} }\n`,
      "maintenance-windows/over.yaml":
        "name: Over\nonce: { from: 2025-01-01T00:00:00Z, to: 2025-01-01T02:00:00Z }\n",
    });

    const first = await apply(folder);
    const second = await apply(folder);

    const windows = await listOf("maintenance-windows", "maintenanceWindows", "Fourth");
    expect(first.stderr).toBe("");
    expect(windows).toMatchObject([{ name: "Now", state: "open", once: { to: inAnHour } }]);
    expect(second.stdout).toBe(nothingToDo);
  });

  const chat = 'name: Chat\nconfig: { kind: slack, url: "${CHAT_URL}" }\n';
  test.each<[string, Record<string, string>, string]>([
    [
      "two channels of one name",
      { "alert-channels/a.yaml": chat, "alert-channels/b.yaml": chat },
      'The files of workspace "X" hold two alert channels named "Chat".',
    ],
    [
      "a secret that is not there",
      { "alert-channels/a.yaml": chat },
      'Alert channel "Chat" of workspace "X" is not there yet and its secrets are not stored: set CHAT_URL in the environment of this command.',
    ],
    [
      "a channel that says too little",
      { "alert-channels/a.yaml": "name: Chat\nconfig: { kind: pagerduty }\n" },
      'Alert channel "Chat" of workspace "X" is not there yet and its config has no routingKey: write it into the file, a secret as ${NAME} of a variable of the environment.',
    ],
    [
      "a variable of this program",
      {
        "alert-channels/a.yaml":
          'name: Chat\nconfig: { kind: slack, url: "https://x.test/${APP_API_KEY}" }\n',
      },
      "refers to the variable APP_API_KEY, which is for this program itself: give it another name.",
    ],
    [
      "a rule for a monitor that is not there",
      {
        "alert-channels/a.yaml": "name: Mail\nconfig: { kind: email, recipients: [a@example.test] }\n",
        "alert-rules/a.yaml": "name: Slow\nmonitor: Gone\nchannels: [Mail]\n",
      },
      'Alert rule "Gone - Slow" of workspace "X" names the monitor "Gone", which is neither in the files nor there.',
    ],
    [
      "a rule for a channel that is not there",
      { "alert-rules/a.yaml": "channels: [Mail]\n" },
      'Alert rule "every monitor" of workspace "X" names the alert channel "Mail", which is neither in the files nor there.',
    ],
    [
      "a rule that tells nobody",
      { "alert-rules/a.yaml": "name: A\n" },
      'Alert rule "every monitor - A" of workspace "X" has no channel: name at least one below channels.',
    ],
    [
      "a wrong number",
      { "alert-rules/a.yaml": "channels: [Mail]\ninARow: 0\n" },
      "alert-rules/a.yaml is not as it should be: inARow: ",
    ],
    [
      "an unknown time zone of a page",
      { "status-pages/a.yaml": "slug: a\ntitle: A\ntimezone: Mars\n" },
      "status-pages/a.yaml is not as it should be: timezone: must be the IANA name of a time zone, such as Europe/Berlin.",
    ],
    [
      "an unknown time zone of a maintenance",
      {
        "maintenance-windows/a.yaml":
          'name: A\nrecurring: { cron: "0 3 * * *", timezone: Mars, durationMinutes: 5 }\n',
      },
      'maintenance-windows/a.yaml is not as it should be: recurring: the time zone "Mars" is unknown: give an IANA name such as "Europe/Berlin".',
    ],
    [
      "an unknown time zone of a summary",
      { "alert-summaries/a.yaml": "channel: Mail\nperiod: daily\ntimezone: Mars\n" },
      'alert-summaries/a.yaml is not as it should be: timezone: this time zone is unknown: give an IANA name such as "Europe/Berlin".',
    ],
    [
      "a maintenance without a time",
      { "maintenance-windows/a.yaml": "name: A\n" },
      "maintenance-windows/a.yaml is not as it should be: once: is missing: write once or recurring.",
    ],
    [
      "a field that is not known",
      { "alert-channels/a.yaml": "name: Chat\nconfig: { kind: slack, uri: x }\n" },
      'alert-channels/a.yaml is not as it should be: config: unrecognized key: "uri".',
    ],
  ])("refuses %s with one sentence, before anything is done", async (name, content, message) => {
    const folder = await files.write(`wrong ${name}`, { "workspace.yaml": "name: X\n", ...content });

    const { exitCode, stderr } = await apply(folder);

    expect(stderr).toContain(message);
    expect(exitCode).toBe(1);
    const { workspaces } = (await files.api.call("GET", "/workspaces")).body;
    expect(workspaces.filter((one: { name: string }) => one.name === "X")).toEqual([]);
  });
});

describe("app export workspace, of who is told and when", () => {
  test("goes round into an empty installation and comes back the same, without a secret", async () => {
    await applyWith(await files.write("round", alertFiles("Round")));
    const out = join(files.folder, "round-out");
    const exported = await files.app("export", "workspace", "Round", "-o", out);
    const elsewhere = await startFiles();
    const team = await elsewhere.write("team", {
      "team-alert-channels/On call.yaml": alertFiles("")["team-alert-channels/On call.yaml"] ?? "",
    });
    const names = {
      ...alertVariables,
      CHANNEL_CHAT_URL: "https://chat.example.test/a",
      CHANNEL_PROGRAM_URL: "https://hooks.example.test/b",
      CHANNEL_PROGRAM_SECRET: "c",
      CHANNEL_PROGRAM_X_TEAM: "d",
    };

    await runProgram(["apply", "-f", team, "--yes"], { ...elsewhere.env, ...names });
    const applied = await runProgram(["apply", "-f", out, "--yes"], { ...elsewhere.env, ...names });
    const back = join(elsewhere.folder, "back");
    const again = await elsewhere.app("export", "workspace", "Round", "-o", back);
    const content = Object.fromEntries(await readFiles(out));
    const returned = Object.fromEntries(await readFiles(back));
    await elsewhere.stop();

    expect([exported.stderr, applied.stderr, again.stderr]).toEqual(["", "", ""]);
    expect(returned).toEqual(content);
    expect(Object.keys(content).filter((path) => !/^(collections|monitors)/.test(path))).toEqual(
      expect.arrayContaining([
        "alert-channels/Chat.yaml",
        "alert-rules/Nightly - Slow.yaml",
        "alert-rules/every monitor.yaml",
        "alert-summaries/Mail weekly.yaml",
        "maintenance-windows/New database.yaml",
        "status-pages/round.yaml",
      ]),
    );
    expect(content["alert-channels/Program.yaml"]).toBe(
      `$kind: alert-channel
name: Program
active: true
config:
  kind: webhook
  url: \${CHANNEL_PROGRAM_URL}
  secret: \${CHANNEL_PROGRAM_SECRET}
  headers:
    X-Team: \${CHANNEL_PROGRAM_X_TEAM}
`,
    );
    expect(JSON.stringify(content)).not.toMatch(/t0ken|s1gn|r0uting/);
  });

  test("is imported beside itself without what has no secret, and says so", async () => {
    await applyWith(await files.write("copied", alertFiles("Copied")));
    const zip = join(files.folder, "copied.zip");
    await files.app("export", "workspace", "Copied", "-o", zip);
    const { id } = await files.api.make.workspace({ createdBy: files.api.actor.userId, name: "Copy" });

    const { exitCode, stderr, stdout } = await files.app("import", zip, "--workspace", id);

    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      'Alert channel "Chat" is left out: set CHANNEL_CHAT_URL in the environment and import again, or make it by hand.',
    );
    expect(stderr).toContain('Status page "copied" is left out: another page has that address.');
    expect(stdout).toContain('alert rule "Nightly - Slow" imported');
    const channels = await listOf("alert-channels", "alertChannels", "Copy");
    expect(channels.map((one: { name: string }) => one.name)).toEqual(["Mail", "On call"]);
  });
});
