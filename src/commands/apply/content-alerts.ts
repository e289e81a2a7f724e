import { z } from "zod";

import { ruleFields } from "../../alerts/alert.ts";
import { summaryFields } from "../../alerts/summary.ts";
import { AppError } from "../../lib/errors.ts";
import { whenOf, windowChangeFields } from "../../schedules/maintenance/window.ts";
import { entryFields, pageFields } from "../../status/page.ts";

/**
 * Who is told, when and when not, as files have it. The rules of fields are those of the API; a field that is absent is left
 * as it is, so none has a default here. Monitors and channels are named.
 */

/** A field whose default is for what is new, which the control plane gives it. */
const said = <T extends z.core.SomeType>(field: z.ZodDefault<T>): z.ZodOptional<T> =>
  z.optional(field.unwrap());

const reference = z.string().min(1);
const text = z.string();

/** What is secret refers to variables of the environment: `${NAME}`; what is absent stays as it is stored. */
const channelConfig = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("email"), recipients: z.array(text).optional() }),
  z.strictObject({ kind: z.literal("slack"), url: text.optional() }),
  z.strictObject({ kind: z.literal("teams"), url: text.optional() }),
  z.strictObject({
    kind: z.literal("pagerduty"),
    routingKey: text.optional(),
    url: text.nullable().optional(),
  }),
  z.strictObject({ kind: z.literal("opsgenie"), apiKey: text.optional(), url: text.nullable().optional() }),
  z.strictObject({
    kind: z.literal("webhook"),
    url: text.optional(),
    secret: text.nullable().optional(),
    headers: z.record(z.string(), text).nullable().optional(),
  }),
]);

export const channelFile = z.strictObject({
  $kind: z.literal("alert-channel").optional(),
  name: z.string().trim().min(1),
  active: z.boolean().optional(),
  config: channelConfig,
});
export type ChannelFile = z.infer<typeof channelFile>;

const rule = ruleFields.shape;

/** Known by its name and the monitor that it watches. */
export const ruleFile = z.strictObject({
  $kind: z.literal("alert-rule").optional(),
  name: said(rule.name),
  /** Absent = every monitor of the workspace. */
  monitor: reference.optional(),
  channels: z.array(reference).optional(),
  active: said(rule.active),
  onFailure: said(rule.onFailure),
  onError: said(rule.onError),
  onMissed: said(rule.onMissed),
  onRunner: said(rule.onRunner),
  onRecovery: said(rule.onRecovery),
  everyFailure: said(rule.everyFailure),
  inARow: said(rule.inARow),
  quorum: said(rule.quorum),
  latencyMs: said(rule.latencyMs),
  latencyOf: said(rule.latencyOf),
  certificateDays: said(rule.certificateDays),
  notificationLimit: said(rule.notificationLimit),
  reminderMinutes: said(rule.reminderMinutes),
});
export type RuleFile = z.infer<typeof ruleFile>;

const instant = z.iso.datetime({ offset: true });
const window = windowChangeFields.shape;

/** About every monitor of the workspace unless it says `monitors` or `tag`. */
export const windowFile = z
  .strictObject({
    $kind: z.literal("maintenance-window").optional(),
    name: window.name.unwrap().min(1),
    reason: window.reason,
    behaviour: window.behaviour,
    all: window.all,
    monitors: z.array(reference).min(1).optional(),
    tag: window.tag,
    once: z.strictObject({ from: instant.optional(), to: instant }).optional(),
    recurring: z.optional(window.recurring.unwrap().strict()),
  })
  .superRefine((file, context) => {
    const { once, recurring, all, monitors, tag } = file;
    if ([all, monitors, tag].filter((given) => given !== undefined).length > 1)
      context.addIssue({
        code: "custom",
        path: ["monitors"],
        message: "a maintenance is about one thing: write all, monitors or tag",
      });
    if (!once && !recurring)
      context.addIssue({ code: "custom", path: ["once"], message: "is missing: write once or recurring" });
    try {
      whenOf({ ...(once && { once: timesOf(once) }), ...(recurring && { recurring }) });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      context.addIssue({
        code: "custom",
        path: [once ? "once" : "recurring"],
        message: error.message.replace(/\.$/, ""),
      });
    }
  });
export type WindowFile = z.infer<typeof windowFile>;

/** `from` undefined = now. */
export const timesOf = ({ from, to }: NonNullable<WindowFile["once"]>) => ({
  from: from === undefined ? undefined : new Date(from),
  to: new Date(to),
});

const summary = summaryFields.shape;

/** Known by its channel and period. */
export const summaryFile = z.strictObject({
  $kind: z.literal("alert-summary").optional(),
  channel: reference,
  period: summary.period,
  hour: said(summary.hour),
  /** Of a weekly one; 0 = Sunday. */
  weekday: said(summary.weekday),
  timezone: said(summary.timezone),
});
export type SummaryFile = z.infer<typeof summaryFile>;

const page = pageFields.shape;

/** Known by its slug, which one page of an installation has. */
export const statusPageFile = z.strictObject({
  $kind: z.literal("status-page").optional(),
  slug: page.slug,
  title: page.title,
  description: said(page.description),
  visibility: said(page.visibility),
  timezone: said(page.timezone),
  indexed: said(page.indexed),
  incidentAfterMinutes: said(page.incidentAfterMinutes),
  /** In the order of the page; the list is whole. */
  monitors: z
    .array(
      z.strictObject({
        monitor: reference,
        name: entryFields.shape.name,
        group: said(entryFields.shape.group),
      }),
    )
    .optional(),
});
export type StatusPageFile = z.infer<typeof statusPageFile>;

/** Part of what a workspace holds. */
export interface AlertContent {
  channels: ChannelFile[];
  rules: RuleFile[];
  windows: WindowFile[];
  summaries: SummaryFile[];
  statusPages: StatusPageFile[];
}

/** The folders that the files of each kind lie in; they are called as the API calls them. */
export const alertFolders = {
  channels: "alert-channels",
  rules: "alert-rules",
  windows: "maintenance-windows",
  summaries: "alert-summaries",
  statusPages: "status-pages",
} as const;

/** Beside `runners/`, at the top: channels for every workspace. */
export const teamChannelsFolder = "team-alert-channels";
