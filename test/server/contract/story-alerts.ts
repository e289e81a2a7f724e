import type { Step } from "./story.ts";

/** Channels, rules, mutes and maintenance. */
export const alertsStory: Step[] = [
  {
    call: "POST /alert-channels",
    body: { name: "Pager", config: { kind: "pagerduty", routingKey: "k", url: "http://127.0.0.1:9" } },
  },
  {
    call: "POST /alert-channels",
    body: {
      workspace: "<workspaces>",
      name: "Room",
      config: { kind: "webhook", url: "http://127.0.0.1:9/hook", secret: "s" },
    },
    keep: (body) => ({ "alert-channels": body.alertChannel.id }),
  },
  { call: "GET /alert-channels?workspace={workspaces}" },
  { call: "GET /alert-channels/{alert-channels}" },
  { call: "PATCH /alert-channels/{alert-channels}", body: { name: "Room II" } },
  { call: "GET /alert-channels/{alert-channels}/config" },
  {
    call: "PATCH /alert-channels/{alert-channels}/config",
    body: { config: { kind: "webhook", secret: "t" }, dryRun: true },
  },
  {
    call: "POST /alert-rules",
    body: { workspace: "<workspaces>", monitorId: "<monitors>", channelIds: ["<alert-channels>"] },
    keep: (body) => ({ "alert-rules": body.alertRule.id }),
  },
  { call: "GET /alert-rules?monitor={monitors}" },
  { call: "GET /alert-rules/{alert-rules}" },
  { call: "PATCH /alert-rules/{alert-rules}", body: { inARow: 1, latencyMs: 500 } },
  { call: "POST /alert-rules/{alert-rules}/copy", body: { monitors: ["<monitors>"] } },
  {
    call: "POST /alert-mutes",
    body: { monitor: "<monitors>", minutes: 60, reason: "release" },
    keep: (body) => ({ "alert-mutes": body.alertMute.id }),
  },
  { call: "GET /alert-mutes?workspace={workspaces}" },
  { call: "DELETE /alert-mutes/{alert-mutes}" },
  { call: "GET /alerts?workspace={workspaces}" },
  {
    call: "POST /alert-summaries",
    body: {
      workspace: "<workspaces>",
      channel: "<alert-channels>",
      period: "weekly",
      timezone: "Europe/Berlin",
    },
    keep: (body) => ({ "alert-summaries": body.alertSummary.id }),
  },
  { call: "GET /alert-summaries?workspace={workspaces}" },
  { call: "POST /alert-summaries/{alert-summaries}/send" },
  { call: "POST /alert-channels/{alert-channels}/test" },
  { call: "GET /alert-deliveries?status=sent" },
  { call: "POST /alert-deliveries/{alert-deliveries}/resend" },
  {
    call: "POST /maintenance-windows",
    body: {
      workspace: "<workspaces>",
      name: "Release",
      once: { to: new Date(Date.now() + 3_600_000).toISOString() },
    },
    keep: (body) => ({ "maintenance-windows": body.maintenanceWindow.id }),
  },
  { call: "GET /maintenance-windows?workspace={workspaces}&state=open" },
  { call: "GET /maintenance-windows/{maintenance-windows}" },
  { call: "PATCH /maintenance-windows/{maintenance-windows}", body: { reason: "new version" } },
  { call: "POST /maintenance-windows/{maintenance-windows}/extend", body: { minutes: 15 } },
  { call: "POST /maintenance-windows/{maintenance-windows}/end" },
];

export const alertsEnd: Step[] = [
  { call: "DELETE /alert-summaries/{alert-summaries}" },
  { call: "DELETE /maintenance-windows/{maintenance-windows}" },
  { call: "DELETE /alert-rules/{alert-rules}" },
  { call: "DELETE /alert-channels/{alert-channels}" },
];
