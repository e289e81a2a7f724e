import type { Command } from "commander";
import { z } from "zod";

import type { ApiClient } from "../../lib/api-client.ts";
import { parseDuration } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { openApi, withClientOptions, type ClientOptions } from "../client/api.ts";
import { resolveId } from "../client/resolve.ts";
import { formatInstant, formatTable } from "../client/table.ts";
import type { CommandContext } from "../context.ts";

const runner = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  visibility: z.string(),
  workspaces: z.array(z.string()),
  health: z.string(),
  lastPingAt: z.string().nullable(),
  queueDepth: z.number().optional(),
  oldestQueuedRunAgeSeconds: z.number().optional(),
  previousKey: z.looseObject({ expiresAt: z.string(), instances: z.number() }).nullish(),
});
const runnerWithKey = runner.extend({ key: z.string() });
const one = z.looseObject({ runner });
const drained = z.looseObject({ draining: z.number().optional() });
const oneWithKey = z.looseObject({ runner: runnerWithKey });
const all = z.looseObject({ runners: z.array(runner) });
const instances = z.looseObject({
  data: z.array(
    z.looseObject({
      hostname: z.string(),
      cliVersion: z.string(),
      osType: z.string(),
      lastPingedAt: z.string(),
      key: z.string().optional(),
      draining: z.boolean().optional(),
      selfTest: z.looseObject({ passed: z.boolean(), detail: z.string().nullable() }).nullish(),
    }),
  ),
});

/** `runner create|list|show|reset-key|revoke-key|drain|delete`, through the API. */
export function defineManagement(parent: Command, context: CommandContext): void {
  const { print } = context;
  const command = (usage: string, description: string) =>
    withClientOptions(parent.command(usage).description(description));

  command("create [name]", "create a runner and print the command that starts it")
    .option("--name <name>", "its name, instead of the argument")
    .option("--description <text>", "what it is for")
    .option("--workspace <id or name>", "only runs of this workspace; repeatable", collect)
    .action(async (argument: string | undefined, options: CreateOptions) => {
      const api = await openApi(options);
      const body = { runner: await toNewRunner(api, argument ?? options.name, options) };
      const answer = await api.post("/runners", body, oneWithKey);
      if (options.json) return print(JSON.stringify(answer));
      print(`Runner "${answer.runner.name}" is created. Start it in the network that it shall test:\n`);
      printStart(answer.runner, api, context);
    });

  command("list", "list all runners").action(async (options: ClientOptions) => {
    const answer = await (await openApi(options)).get("/runners", all);
    if (options.json) return print(JSON.stringify(answer));
    const rows = answer.runners.map(({ id, name, health, lastPingAt, visibility }) => [
      id,
      name,
      health,
      formatInstant(lastPingAt),
      visibility,
    ]);
    print(formatTable([["ID", "NAME", "HEALTH", "LAST PING", "VISIBLE TO"], ...rows]));
  });

  command("show <runner>", "show a runner and its instances").action(
    async (idOrName: string, options: ClientOptions) => {
      const api = await openApi(options);
      const id = await resolveId(api, "runner", idOrName);
      const answer = await api.get(`/runners/${id}`, one);
      const { data } = await api.get(`/runners/${id}/instances`, instances);
      if (options.json) return print(JSON.stringify({ ...answer, instances: data }));
      printRunner(answer.runner, print);
      const rows = data.map((instance) => [
        instance.hostname,
        instance.osType,
        instance.cliVersion,
        formatInstant(instance.lastPingedAt),
        remarksOf(instance),
      ]);
      print(
        rows.length > 0
          ? formatTable([["INSTANCE", "SYSTEM", "VERSION", "LAST PING", ""], ...rows])
          : "no instances",
      );
    },
  );

  command("reset-key <runner>", "make a new key")
    .option("--grace <time>", "how long the old key goes on working, such as 24h; 0 = not at all", "0")
    .action(async (idOrName: string, options: ClientOptions & { grace: string }) => {
      const graceSeconds = parseGrace(options.grace);
      const api = await openApi(options);
      const id = await resolveId(api, "runner", idOrName);
      const answer = await api.post(`/runners/${id}/reset-key`, { runner: { graceSeconds } }, oneWithKey);
      if (options.json) return print(JSON.stringify(answer));
      const until = answer.runner.previousKey?.expiresAt;
      const old = until ? `the old one works until ${formatInstant(until)}` : "the old one has ended";
      print(`The key of "${answer.runner.name}" is new, ${old}. Start the runner with the new one:\n`);
      printStart(answer.runner, api, context);
    });

  command("revoke-key <runner>", "end the key before the last reset before its time").action(
    async (idOrName: string, options: ClientOptions) => {
      const api = await openApi(options);
      const id = await resolveId(api, "runner", idOrName);
      const answer = await api.delete(`/runners/${id}/previous-key`, one);
      if (options.json) return print(JSON.stringify(answer));
      print(
        `The old key of "${answer.runner.name}" has ended; instances that use it stop at their next call.`,
      );
    },
  );

  command("drain <runner>", "have its instances finish their runs and end")
    .option("--instance <id>", "only this one")
    .action(async (idOrName: string, options: ClientOptions & { instance?: string }) => {
      const api = await openApi(options);
      const id = await resolveId(api, "runner", idOrName);
      const path = options.instance ? `/instances/${encodeURIComponent(options.instance)}` : "";
      const answer = await api.post(`/runners/${id}${path}/drain`, undefined, drained);
      if (options.json) return print(JSON.stringify(answer));
      const count = answer.draining ?? 1;
      print(
        `${count === 1 ? "1 instance finishes its" : `${count} instances finish their`} runs and end${count === 1 ? "s" : ""}.`,
      );
    });

  command("delete <runner>", "delete a runner").action(async (idOrName: string, options: ClientOptions) => {
    const api = await openApi(options);
    const id = await resolveId(api, "runner", idOrName);
    const answer = await api.delete(`/runners/${id}`, z.unknown());
    print(options.json ? JSON.stringify(answer) : `Runner ${id} is deleted.`);
  });
}

/** `0`, or a duration such as `24h`. */
function parseGrace(text: string): number {
  return text.trim() === "0" ? 0 : Math.floor(parseDuration(text) / 1000);
}

function remarksOf(instance: z.infer<typeof instances>["data"][number]): string {
  const { key, draining, selfTest } = instance;
  return [
    ...(draining ? ["draining"] : []),
    ...(key === "previous" ? ["old key"] : key === "ended" ? ["key has ended"] : []),
    ...(selfTest?.passed === false ? [`self-test failed: ${selfTest.detail ?? ""}`] : []),
  ].join(", ");
}

interface CreateOptions extends ClientOptions {
  name?: string;
  description?: string;
  workspace?: string[];
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

async function toNewRunner(api: ApiClient, name: string | undefined, options: CreateOptions) {
  if (!name) throw new AppError("usage", "The runner needs a name: runner create NAME.");
  const wanted = options.workspace ?? [];
  const workspaces = await Promise.all(wanted.map((workspace) => resolveId(api, "workspace", workspace)));
  return {
    name,
    ...(options.description && { description: options.description }),
    ...(workspaces.length > 0 && { visibility: "selected", workspaces }),
  };
}

/** The control plane is named as this computer reaches it: its own idea of its address may be a default. */
function printStart(
  { id, key }: z.infer<typeof runnerWithKey>,
  { server }: ApiClient,
  { print, programName, note }: CommandContext,
): void {
  print(`${programName} runner start --server ${server} --id ${id} --key ${key}\n`);
  note("The key is not shown again.");
}

function printRunner(shown: z.infer<typeof runner>, print: (line: string) => void): void {
  print(`${shown.name} (${shown.id})`);
  if (shown.description) print(shown.description);
  const visibleTo = shown.visibility === "all" ? "all workspaces" : shown.workspaces.join(", ");
  print(`${shown.health}, last ping ${formatInstant(shown.lastPingAt)}, visible to ${visibleTo}`);
  const { queueDepth = 0, oldestQueuedRunAgeSeconds = 0, previousKey } = shown;
  if (queueDepth > 0) print(`${queueDepth} in the queue, the oldest for ${oldestQueuedRunAgeSeconds} s`);
  if (previousKey) {
    const { expiresAt, instances: users } = previousKey;
    print(`the old key works until ${formatInstant(expiresAt)}; instances that use it: ${users}`);
  }
  print("");
}
