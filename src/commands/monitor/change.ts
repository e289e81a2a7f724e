import { type Command, Option } from "commander";
import { z } from "zod";

import { keptMessages } from "../../contract/kept.ts";
import type { ApiClient } from "../../lib/api-client.ts";
import { parseWholeNumber } from "../../lib/config.ts";
import { AppError } from "../../lib/errors.ts";
import { openApi, withClientOptions, type ClientOptions } from "../client/api.ts";
import { resolveId } from "../client/resolve.ts";
import type { CommandContext } from "../context.ts";
import { resolveMonitor } from "./find.ts";

interface MonitorOptions extends ClientOptions {
  name?: string;
  schedule?: string | false;
  timezone?: string;
  runner?: string[];
  anyRunner?: true;
  notifyEmail?: string[];
  notificationLimit?: string;
  retry?: string;
  rerunLost?: boolean;
  folder?: string;
  tag?: string[];
  /** Of `--no-tags`: commander's default is true. */
  tags?: boolean;
  timeout?: string;
  delay?: string;
  strictSsl?: true;
  insecure?: true;
  followRedirects?: true;
  blockRedirects?: true;
  keepRequests?: string;
  keepResponses?: string;
  keepDays?: string;
  keepRunDays?: string;
}

interface CreateOptions extends MonitorOptions {
  collection: string;
  environment?: string;
  workspace?: string;
}

const changed = z.looseObject({ monitor: z.looseObject({ id: z.string(), name: z.string() }) });

/** `monitor create|update|delete|pause|resume`, through the API. */
export function defineChanges(parent: Command, { print }: CommandContext): void {
  const command = (usage: string, description: string) =>
    withClientOptions(parent.command(usage).description(description));
  const report = (answer: z.infer<typeof changed>, { json }: ClientOptions, what: string) => {
    const { monitor } = answer;
    print(json ? JSON.stringify(answer) : `Monitor "${monitor.name}" (${monitor.id}) is ${what}.`);
  };

  const create = command("create [name]", "create a monitor")
    .requiredOption("-c, --collection <id or name>", "what it runs")
    .option("-e, --environment <id or name>", "with which variables")
    .option("-w, --workspace <id or name>", "where it belongs; default: where the collection is");
  withMonitorOptions(create).action(async (name: string | undefined, options: CreateOptions) => {
    const api = await openApi(options);
    const workspace = options.workspace && (await resolveId(api, "workspace", options.workspace));
    const query = workspace ? `?workspace=${workspace}` : "";
    const monitor = await toNewMonitor(api, { ...options, name: name ?? options.name }, query);
    report(await api.post(`/monitors${query}`, { monitor }, changed), options, "created");
  });

  withMonitorOptions(command("update <monitor>", "change a monitor")).action(
    async (idOrName: string, options: MonitorOptions) => {
      const api = await openApi(options);
      const monitor = await toFields(api, options);
      if (Object.keys(monitor).length === 0)
        throw new AppError("usage", "Nothing to change: give at least one option of monitor update --help.");
      const id = await resolveMonitor(api, idOrName);
      report(await api.put(`/monitors/${id}`, { monitor }, changed), options, "updated");
    },
  );

  for (const { verb, active, what } of [
    { verb: "pause", active: false, what: "paused" },
    { verb: "resume", active: true, what: "active" },
  ]) {
    command(`${verb} <monitor>`, `${verb} the schedule of a monitor`).action(
      async (idOrName: string, options: ClientOptions) => {
        const api = await openApi(options);
        const id = await resolveMonitor(api, idOrName);
        report(await api.put(`/monitors/${id}`, { monitor: { active } }, changed), options, what);
      },
    );
  }

  command("delete <monitor>", "delete a monitor and its history")
    .option("-y, --yes", "do it")
    .action(async (idOrName: string, options: ClientOptions & { yes?: true }) => {
      const api = await openApi(options);
      const id = await resolveMonitor(api, idOrName);
      if (!options.yes)
        throw new AppError("usage", `Deleting monitor ${id} deletes its history as well: repeat with --yes.`);
      const answer = await api.delete(`/monitors/${id}`, z.unknown());
      print(options.json ? JSON.stringify(answer) : `Monitor ${id} is deleted.`);
    });
}

const withMonitorOptions = (command: Command): Command =>
  command
    .option("--name <name>", "its name")
    .option("--schedule <cron>", 'five fields, such as "*/5 * * * *"')
    .option("--no-schedule", "runs only when it is triggered")
    .option("--timezone <zone>", "of the schedule, such as Europe/Berlin")
    .option("--runner <id or name>", "where it runs; repeat for more runners", collect)
    .addOption(new Option("--any-runner", "on any healthy runner").conflicts("runner"))
    .option("--notify-email <address>", "who is told about failures and errors; repeatable", collect)
    .option("--notification-limit <number>", "stop telling after so many failures in a row")
    .option("--retry <number>", "run it again so often when it fails; 0 = never")
    .option("--rerun-lost", "run it again on another instance when its runner dies")
    .option("--no-rerun-lost", "report a run as lost when its runner dies")
    .option("--folder <path>", "where it stands in lists, such as checkout/eu; an empty text takes it out")
    .option("--tag <tag>", "to find and group it by; repeat for more tags", collect)
    .addOption(new Option("--no-tags", "take all tags away").conflicts("tag"))
    .option("--timeout <ms>", "limit for one request")
    .option("--delay <ms>", "pause between requests")
    .option("--strict-ssl", "verify certificates")
    .addOption(new Option("--insecure", "do not verify certificates").conflicts("strictSsl"))
    .option("--follow-redirects", "follow redirects")
    .addOption(new Option("--block-redirects", "do not follow redirects").conflicts("followRedirects"))
    .addOption(
      new Option("--keep-requests <of>", "of which steps headers and body of the request are kept").choices(
        kept,
      ),
    )
    .addOption(
      new Option("--keep-responses <of>", "of which steps headers and body of the response are kept").choices(
        kept,
      ),
    )
    .option("--keep-days <number>", "delete steps after so many days, 1 to 400")
    .option("--keep-run-days <number>", "delete runs and the ledger after so many days, 1 to 4000");

const kept = keptMessages.options;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

async function toNewMonitor(
  api: ApiClient,
  options: Omit<CreateOptions, "name"> & { name: string | undefined },
  query: string,
) {
  const { name, collection, environment, ...rest } = options;
  if (!name) throw new AppError("usage", "The monitor needs a name: monitor create NAME --collection ID.");
  return {
    ...(await toFields(api, rest)),
    name,
    collection: await resolveId(api, "collection", collection, query),
    ...(environment && { environment: await resolveId(api, "environment", environment, query) }),
  };
}

/** The fields that were given, in the form of the API. */
async function toFields(api: ApiClient, options: MonitorOptions): Promise<Record<string, unknown>> {
  const { name, notificationLimit, retry } = options;
  const runners = options.runner ?? (options.anyRunner ? [] : undefined);
  const ids = runners && (await Promise.all(runners.map((runner) => resolveId(api, "runner", runner))));
  const emails = options.notifyEmail?.map((email) => ({ email }));
  const requestOptions = toRequestOptions(options);
  return {
    ...(name && { name }),
    ...toSchedule(options),
    ...(ids && { distribution: ids.map((runner) => ({ runner })) }),
    ...(emails && { notifications: { onError: emails, onFailure: emails } }),
    ...(notificationLimit && {
      notificationLimit: parseWholeNumber(notificationLimit, "--notification-limit", { min: 1, max: 99 }),
    }),
    ...(retry && { retry: toRetry(retry) }),
    ...(options.rerunLost !== undefined && { rerunLost: options.rerunLost }),
    ...toPlace(options),
    ...(Object.keys(requestOptions).length > 0 && { options: requestOptions }),
  };
}

function toPlace({ folder, tag, tags }: MonitorOptions) {
  const wanted = tag ?? (tags === false ? [] : undefined);
  return { ...(folder !== undefined && { folder }), ...(wanted && { tags: wanted }) };
}

function toRetry(text: string): { attempts: number } | null {
  const attempts = parseWholeNumber(text, "--retry", { min: 0, max: 2 });
  return attempts === 0 ? null : { attempts };
}

/** commander's default of a `--no-…` option is true: then no schedule was given. */
function toSchedule({ schedule, timezone }: { schedule?: string | boolean; timezone?: string }) {
  if (schedule === false) return { schedule: null };
  if (typeof schedule === "string") return { schedule: { cron: schedule, ...(timezone && { timezone }) } };
  if (timezone) throw new AppError("usage", "--timezone belongs to a schedule: give --schedule as well.");
  return {};
}

function toRequestOptions(options: MonitorOptions): Record<string, unknown> {
  const { timeout, delay, strictSsl, insecure, followRedirects, blockRedirects } = options;
  return {
    ...(timeout && { requestTimeout: ms(timeout, "--timeout") }),
    ...(delay && { requestDelay: ms(delay, "--delay") }),
    ...((strictSsl || insecure) && { strictSSL: !insecure }),
    ...((followRedirects || blockRedirects) && { followRedirects: !blockRedirects }),
    ...toKept(options),
  };
}

const toKept = ({ keepRequests, keepResponses, keepDays, keepRunDays }: MonitorOptions) => ({
  ...(keepRequests && { keepRequests }),
  ...(keepResponses && { keepResponses }),
  ...(keepDays && { keepDays: parseWholeNumber(keepDays, "--keep-days", { min: 1, max: 400 }) }),
  ...(keepRunDays && {
    keepRunDays: parseWholeNumber(keepRunDays, "--keep-run-days", { min: 1, max: 4000 }),
  }),
});

const ms = (text: string, name: string): number => parseWholeNumber(text, name, { min: 1, max: 900_000 });
