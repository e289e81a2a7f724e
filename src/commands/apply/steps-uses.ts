import { z } from "zod";

import type { JsonObject } from "../../engine/json.ts";
import { anyAnswer } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { canonical, isWithin } from "./compare.ts";
import type { MonitorFile, SpecContent, WorkspaceContent } from "./content.ts";
import type { ActualMonitor } from "./fetch.ts";
import type { Step } from "./plan.ts";
import { planMock } from "./steps-mocks.ts";
import { resolve, type Target, unknown, workspaceIdOf } from "./target.ts";

const created = z.looseObject({ id: z.string() });

/** Specifications, mocks and monitors: what refers to others, or stands alone. */
export function planUses(content: WorkspaceContent, target: Target): Step[] {
  checkReferences(content, target);
  return [
    ...content.specs.map((one) => planSpec(one, target)),
    ...content.mocks.map((one) => planMock(one, target)),
    ...content.monitors.map((one) => planMonitor(one, target)),
  ];
}

/** Before anyAnswer is done: a name that means nothing is a mistake in a file. */
function checkReferences(content: WorkspaceContent, target: Target): void {
  const collections = new Set([
    ...target.ids.collection.keys(),
    ...content.collections.flatMap(({ name, document }) => [name, idIn(document)]),
  ]);
  const environments = new Set([
    ...target.ids.environment.keys(),
    ...content.environments.flatMap(({ name, id }) => [name, id]),
  ]);
  for (const one of [...content.monitors, ...content.mocks]) {
    const by = `"${one.name}" of workspace "${target.name}"`;
    if (!collections.has(one.collection)) throw unknown("collection", one.collection, by);
    if (one.environment && !environments.has(one.environment))
      throw unknown("environment", one.environment, by);
    for (const runner of "runners" in one ? (one.runners ?? []) : [])
      if (!target.ids.runner.has(runner)) throw unknown("runner", runner, by);
  }
}

function idIn(document: JsonObject): string | undefined {
  const { info } = z
    .looseObject({ info: z.looseObject({ _postman_id: z.string().optional() }) })
    .parse(document);
  return info._postman_id;
}

function planMonitor(wanted: MonitorFile, target: Target): Step {
  const { name } = wanted;
  const step = { kind: "monitor", name, workspace: target.name } as const;
  const by = `Monitor "${name}"`;
  const known = target.actual.monitors.find((one) => one.name === name);
  if (!known) {
    const run = async () => {
      const monitor = {
        name,
        collection: resolve(target, "collection", wanted.collection, by),
        ...(wanted.environment && { environment: resolve(target, "environment", wanted.environment, by) }),
        ...monitorFields(wanted, target),
      };
      const path = `/monitors?workspace=${workspaceIdOf(target)}`;
      const answer = await target.api.post(path, { monitor }, z.object({ monitor: created }));
      target.ids.monitor.set(name, answer.monitor.id);
    };
    return { ...step, action: "create", run };
  }
  refuseOtherSubject(wanted, known, target);
  const changed = changedFields(wanted, known, target);
  if (changed.length === 0) return { ...step, action: "unchanged" };
  const run = async () => {
    const fields = Object.entries(monitorFields(wanted, target));
    const names = new Set(changed.map((field) => (field === "runners" ? "distribution" : field)));
    const monitor = Object.fromEntries(fields.filter(([field]) => names.has(field)));
    await target.api.put(`/monitors/${known.id}`, { monitor }, anyAnswer);
  };
  return { ...step, action: "update", detail: changed.join(", "), run };
}

/** What a monitor runs is fixed; deleting it would delete its history, so that is for a person to say. */
function refuseOtherSubject(
  wanted: MonitorFile,
  known: { collection: string; environment: string },
  { ids, name }: Target,
): void {
  const environment = wanted.environment ? ids.environment.get(wanted.environment) : "";
  const isSame =
    ids.collection.get(wanted.collection) === known.collection && environment === known.environment;
  if (!isSame)
    throw new AppError(
      "conflict",
      `Monitor "${wanted.name}" of workspace "${name}" runs another collection or environment than the file says, which cannot be changed: delete it, or give the file another name.`,
    );
}

const compared = [
  "active",
  "schedule",
  "runners",
  "options",
  "notifications",
  "notificationLimit",
  "retry",
  "rerunLost",
  "folder",
  "tags",
] as const;

/** Fields that the file has and that differ; within options and the like only what the file names. */
function changedFields(wanted: MonitorFile, known: ActualMonitor, target: Target): string[] {
  return compared.filter((field) => {
    if (wanted[field] === undefined) return false;
    if (field === "runners") {
      const ids = (list: string[]) => list.map((one) => target.ids.runner.get(one) ?? one).toSorted();
      return canonical(ids(wanted.runners ?? [])) !== canonical(ids(known.runners));
    }
    return !isWithin(wanted[field], known[field]);
  });
}

const toEmails = (list: string[] | undefined) => list?.map((email) => ({ email }));

/** In the form of the API. */
function monitorFields(wanted: MonitorFile, target: Target): JsonObject {
  const { runners, notifications, active, schedule, options, notificationLimit, retry, rerunLost } = wanted;
  const { folder, tags } = wanted;
  const distribution = runners?.map((one) => ({
    runner: resolve(target, "runner", one, `Monitor "${wanted.name}"`),
  }));
  const fields = {
    active,
    schedule,
    options,
    notificationLimit,
    retry,
    rerunLost,
    folder,
    tags,
    distribution,
    notifications: notifications && {
      onError: toEmails(notifications.onError),
      onFailure: toEmails(notifications.onFailure),
    },
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function planSpec(wanted: SpecContent, target: Target): Step {
  const { name, type, root, files } = wanted;
  const step = { kind: "spec", name, workspace: target.name } as const;
  const known = target.actual.specs.find((one) => one.name === name);
  const { api } = target;
  if (!known) {
    const run = async () => {
      const list = Object.entries(files).map(([path, content]) => ({
        path,
        content,
        type: path === root ? "ROOT" : "DEFAULT",
      }));
      await api.post(`/specs?workspaceId=${workspaceIdOf(target)}`, { name, type, files: list }, created);
    };
    return { ...step, action: "create", run };
  }
  if (known.type !== type)
    throw new AppError(
      "conflict",
      `The specification "${name}" is ${known.type}, and the file says ${type}, which cannot be changed: delete it, or give the file another name.`,
    );
  const added = Object.keys(files).filter((path) => known.files[path] === undefined);
  const changed = Object.keys(files).filter(
    (path) => known.files[path] !== undefined && known.files[path] !== files[path],
  );
  const gone = Object.keys(known.files).filter((path) => files[path] === undefined);
  const isRooted = known.root === root;
  if (added.length + changed.length + gone.length === 0 && isRooted) return { ...step, action: "unchanged" };
  const at = (path: string) => `/specs/${known.id}/files/${encodeURIComponent(path)}`;
  const run = async () => {
    for (const path of added)
      await api.post(`/specs/${known.id}/files`, { path, content: files[path] }, anyAnswer);
    for (const path of changed) await api.patch(at(path), { content: files[path] }, anyAnswer);
    // Before the former root may go.
    if (!isRooted) await api.patch(at(root), { type: "ROOT" }, anyAnswer);
    for (const path of gone) await api.delete(at(path), anyAnswer);
  };
  const detail = [
    ...added.map((path) => `+${path}`),
    ...changed.map((path) => `~${path}`),
    ...gone.map((path) => `-${path}`),
    ...(isRooted ? [] : [`root ${root}`]),
  ].join(" ");
  return { ...step, action: "update", detail, run };
}
