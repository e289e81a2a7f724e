import { z } from "zod";

import { channelKinds, ruleFields } from "../../alerts/alert.ts";
import { summaryFields } from "../../alerts/summary.ts";
import type { ApiClient } from "../../lib/api-client.ts";
import { bareId } from "../../lib/ids.ts";
import { pageFields } from "../../status/page.ts";
import { labelOfRule, labelOfSummary, nameOf, nameOfChannel } from "./names.ts";

const named = z.looseObject({ id: z.string(), name: z.string() });
const channel = named.extend({
  kind: z.enum(channelKinds),
  active: z.boolean(),
  workspace: z.string().nullable(),
  target: z.string(),
});
const channelsAnswer = z.object({ alertChannels: z.array(channel) });
const partsAnswer = z.object({ config: z.object({ parts: z.array(z.string()) }) });
const rule = ruleFields.extend({ id: z.string(), channelIds: z.array(z.string()) });
const rulesAnswer = z.object({ alertRules: z.array(rule) });
const times = z.object({ from: z.string(), to: z.string() });
const window = named.extend({
  reason: z.string(),
  behaviour: z.enum(["skip", "silence"]),
  state: z.enum(["open", "upcoming", "over"]),
  all: z.literal(true).optional(),
  monitors: z.array(z.string()).optional(),
  tag: z.string().optional(),
  once: times.optional(),
  recurring: z.object({ cron: z.string(), timezone: z.string(), durationMinutes: z.number() }).optional(),
});
const windowsAnswer = z.object({ maintenanceWindows: z.array(window) });
const summary = summaryFields.extend({ id: z.string(), weekday: z.number().nullable() });
const summariesAnswer = z.object({ alertSummaries: z.array(summary) });
const pagesAnswer = z.object({ statusPages: z.array(z.looseObject({ id: z.string(), slug: z.string() })) });
const pageAnswer = z.object({ statusPage: pageFields.extend({ id: z.string() }) });

/** A channel without its secrets. */
export interface ActualChannel {
  id: string;
  name: string;
  kind: z.infer<typeof channel>["kind"];
  active: boolean;
  /** Of an e-mail channel its recipients. */
  target: string;
}

/** Elements name each other by id; `name` is what they are known by in files. */
export interface ActualAlerts {
  /** Of the workspace; with the names of what their configurations have. */
  channels: (ActualChannel & { parts: string[] })[];
  /** Those of every workspace. */
  teamChannels: ActualChannel[];
  rules: { id: string; name: string; fields: z.infer<typeof ruleFields> }[];
  /** Without single ones that are over: those are history. */
  windows: z.infer<typeof window>[];
  summaries: { id: string; name: string; fields: z.infer<typeof summary> }[];
  statusPages: { id: string; name: string; fields: z.infer<typeof pageFields> }[];
}

export const noAlerts: ActualAlerts = {
  channels: [],
  teamChannels: [],
  rules: [],
  windows: [],
  summaries: [],
  statusPages: [],
};

export async function fetchAlerts(
  api: ApiClient,
  workspace: string,
  monitors: readonly { id: string; name: string }[],
): Promise<ActualAlerts> {
  const seen = (await api.get(`/alert-channels?workspace=${workspace}`, channelsAnswer)).alertChannels;
  const own = seen.filter((one) => one.workspace !== null);
  const teamChannels = seen.filter((one) => one.workspace === null);
  const rules = await fetchRules(api, workspace, monitors);
  const { maintenanceWindows } = await api.get(`/maintenance-windows?workspace=${workspace}`, windowsAnswer);
  const { alertSummaries } = await api.get(`/alert-summaries?workspace=${workspace}`, summariesAnswer);
  const channels: ActualAlerts["channels"] = [];
  for (const one of own) channels.push({ ...one, parts: await fetchParts(api, one) });
  return {
    channels,
    teamChannels,
    rules: rules.map(({ id, ...fields }) => {
      const watched = fields.monitorId === null ? undefined : nameOf(monitors, fields.monitorId);
      return { id, name: labelOfRule(watched, fields.name), fields };
    }),
    windows: maintenanceWindows.filter(({ once, state }) => !once || state !== "over"),
    summaries: alertSummaries.map((fields) => {
      const name = labelOfSummary(nameOfChannel(own, teamChannels, fields.channel), fields.period);
      return { id: fields.id, name, fields };
    }),
    statusPages: await fetchPages(api, workspace),
  };
}

/** As many as a list has. */
const MAX_LISTED = 1000;

/** A list that is full may leave rules out: then each monitor is asked for its own. */
async function fetchRules(
  api: ApiClient,
  workspace: string,
  monitors: readonly { id: string }[],
): Promise<z.infer<typeof rule>[]> {
  const { alertRules } = await api.get(`/alert-rules?workspace=${workspace}`, rulesAnswer);
  if (alertRules.length < MAX_LISTED) return alertRules;
  const found = new Map(alertRules.map((one) => [one.id, one]));
  for (const { id } of monitors) {
    const watching = await api.get(`/alert-rules?monitor=${id}`, rulesAnswer);
    for (const one of watching.alertRules) found.set(one.id, one);
  }
  return [...found.values()];
}

/** Those of every workspace. */
export const fetchTeamChannels = async (api: ApiClient): Promise<ActualChannel[]> =>
  (await api.get("/alert-channels", channelsAnswer)).alertChannels.filter((one) => one.workspace === null);

/** The addresses of all status pages that can be seen. */
export const fetchSlugs = async (api: ApiClient): Promise<string[]> =>
  (await api.get("/status-pages", pagesAnswer)).statusPages.map(({ slug }) => slug);

const fetchParts = async (api: ApiClient, { id }: ActualChannel): Promise<string[]> =>
  (await api.get(`/alert-channels/${id}/config`, partsAnswer)).config.parts;

async function fetchPages(api: ApiClient, workspace: string): Promise<ActualAlerts["statusPages"]> {
  const { statusPages } = await api.get(`/status-pages?workspace=${workspace}`, pagesAnswer);
  const found: ActualAlerts["statusPages"] = [];
  for (const { id, slug } of statusPages) {
    const { id: _id, ...fields } = (await api.get(`/status-pages/${id}`, pageAnswer)).statusPage;
    const monitors = fields.monitors.map((entry) => ({ ...entry, monitor: bareId(entry.monitor) ?? "" }));
    found.push({ id, name: slug, fields: { ...fields, monitors } });
  }
  return found;
}
