import { z } from "zod";

import type { CollectionDocument } from "../../engine/types.ts";
import type { AlertContent, ChannelFile } from "./content-alerts.ts";

/**
 * What a workspace holds, as files have it: elements name each other by name. Files say only what they care about; a field
 * that is absent is left as it is.
 */
export interface WorkspaceContent extends AlertContent {
  workspace: z.infer<typeof workspaceFile>;
  /** `isV3`: read from files of that format, which cannot say everything. */
  collections: { name: string; document: CollectionDocument; isV3?: boolean }[];
  environments: { name: string; id?: string | undefined; values: Variable[] }[];
  /** Absent = nothing is said of them. */
  globals?: Variable[] | undefined;
  monitors: MonitorFile[];
  mocks: MockFile[];
  specs: SpecContent[];
}

export type Variable = Record<string, unknown> & { key: string };

export const workspaceFile = z.strictObject({
  $kind: z.literal("workspace").optional(),
  name: z.string().min(1),
  type: z.enum(["personal", "private", "team", "public", "partner"]).optional(),
  description: z.string().optional(),
  about: z.string().optional(),
});

const emails = z.array(z.string());

export const monitorFile = z.strictObject({
  $kind: z.literal("monitor").optional(),
  name: z.string().min(1),
  /** By name, or by the id that the file of the collection has. */
  collection: z.string(),
  environment: z.string().optional(),
  active: z.boolean().optional(),
  /** null = only when triggered. */
  schedule: z
    .strictObject({
      cron: z.string(),
      timezone: z.string().optional(),
      overlap: z.enum(["skip", "queue"]).optional(),
      catchUp: z.enum(["last", "none"]).optional(),
    })
    .nullable()
    .optional(),
  /** Names or ids; none = any healthy one. */
  runners: z.array(z.string()).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  notifications: z.strictObject({ onError: emails.optional(), onFailure: emails.optional() }).optional(),
  notificationLimit: z.number().nullable().optional(),
  retry: z.strictObject({ attempts: z.number() }).nullable().optional(),
  rerunLost: z.boolean().optional(),
  /** Such as `checkout/eu`. */
  folder: z.string().optional(),
  tags: z.array(z.string()).optional(),
});
export type MonitorFile = z.infer<typeof monitorFile>;

const serverResponse = z.strictObject({
  name: z.string().min(1),
  statusCode: z.number(),
  headers: z.array(z.strictObject({ key: z.string(), value: z.string() })).optional(),
  language: z.string().nullable().optional(),
  body: z.string().optional(),
  active: z.boolean().optional(),
});
export type ServerResponse = z.infer<typeof serverResponse>;

export const mockFile = z.strictObject({
  $kind: z.literal("mock").optional(),
  name: z.string().min(1),
  collection: z.string(),
  environment: z.string().optional(),
  private: z.boolean().optional(),
  /** How requests are matched, and delays. */
  config: z.record(z.string(), z.unknown()).optional(),
  /** Errors that it can answer every call with; at most one of them is active. */
  serverResponses: z.array(serverResponse).optional(),
});
export type MockFile = z.infer<typeof mockFile>;

/** Beside the files of a specification. */
export const specFile = z.strictObject({
  $kind: z.literal("spec").optional(),
  name: z.string().min(1),
  type: z.string(),
  root: z.string(),
});
export interface SpecContent extends z.infer<typeof specFile> {
  /** Contents by path. */
  files: Record<string, string>;
}

export const runnerFile = z.strictObject({
  $kind: z.literal("runner").optional(),
  name: z.string().min(1),
  description: z.string().optional(),
  /** Names or ids of workspaces that see it; "all" or absent = every one. */
  workspaces: z.union([z.literal("all"), z.array(z.string()).min(1)]).optional(),
});
export type RunnerFile = z.infer<typeof runnerFile>;

/** What a folder says: any number of workspaces, and what belongs to the team. */
export interface FolderContent {
  workspaces: WorkspaceContent[];
  runners: RunnerFile[];
  /** For every workspace. */
  channels: ChannelFile[];
}
