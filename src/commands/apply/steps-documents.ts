import { z } from "zod";

import { asObject, isObject } from "../../engine/json.ts";
import { anyAnswer } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";
import { describeRequests, isSameCollection, isSameInV3, withKnownIds } from "./compare.ts";
import type { WorkspaceContent } from "./content.ts";
import { planVariables, type Step } from "./plan.ts";
import { type Target, workspaceIdOf } from "./target.ts";

const created = z.looseObject({ id: z.string() });

/** Environments, globals and collections: what others refer to. */
export function planDocuments(content: WorkspaceContent, target: Target): Step[] {
  return [
    ...content.environments.map((one) => planEnvironment(one, target)),
    ...planGlobals(content.globals, target),
    ...content.collections.map((one) => planCollection(one, target)),
  ];
}

function planEnvironment(
  { name, id, values }: WorkspaceContent["environments"][number],
  target: Target,
): Step {
  const step = { kind: "environment", name, workspace: target.name } as const;
  const known = target.actual.environments.find((one) => one.name === name);
  const { environment: ids } = target.ids;
  if (known) {
    if (id !== undefined) ids.set(id, known.id);
    const plan = planVariables(values, known.values);
    if (!plan) return { ...step, action: "unchanged" };
    const run = async () => {
      const environment = { name, values: plan.values };
      await target.api.put(`/environments/${known.id}`, { environment }, anyAnswer);
    };
    return { ...step, action: "update", detail: plan.detail, run };
  }
  const run = async () => {
    const answer = await target.api.post(
      `/environments?workspace=${workspaceIdOf(target)}`,
      { environment: { name, values } },
      z.object({ environment: created }),
    );
    for (const reference of [name, id])
      if (reference !== undefined) ids.set(reference, answer.environment.id);
  };
  return { ...step, action: "create", run };
}

function planGlobals(globals: WorkspaceContent["globals"], target: Target): Step[] {
  if (!globals) return [];
  const step = { kind: "globals", name: "Globals", workspace: target.name } as const;
  const plan = planVariables(globals, target.actual.globals);
  if (!plan) return [{ ...step, action: "unchanged" }];
  const run = async () => {
    const path = `/workspaces/${workspaceIdOf(target)}/global-variables`;
    await target.api.put(path, { values: plan.values }, anyAnswer);
  };
  return [{ ...step, action: "update", detail: plan.detail, run }];
}

const idOf = (document: Record<string, unknown>): string | undefined => {
  const id = asObject(document["info"])["_postman_id"];
  return typeof id === "string" ? id : undefined;
};

function planCollection(
  { name, document, isV3 }: WorkspaceContent["collections"][number],
  target: Target,
): Step {
  const step = { kind: "collection", name, workspace: target.name } as const;
  const known = target.actual.collections.find((one) => one.name === name);
  const { collection: ids } = target.ids;
  const own = idOf(document);
  if (known) {
    if (own !== undefined) ids.set(own, known.id);
    const wanted = withKnownSecrets(document, known.document);
    const isSame = isV3 ? isSameInV3 : isSameCollection;
    if (isSame(wanted, known.document)) return { ...step, action: "unchanged" };
    const run = async () => {
      const collection = withKnownIds(wanted, known.document, known.id);
      await target.api.put(`/collections/${known.id}`, { collection }, anyAnswer);
    };
    return { ...step, action: "update", detail: describeRequests(known.document, wanted), run };
  }
  const run = async () => {
    const id = await createCollection(document, target);
    for (const reference of [name, own]) if (reference !== undefined) ids.set(reference, id);
  };
  return { ...step, action: "create", run };
}

/** With its own id where that is free: elsewhere people may know it by that. */
async function createCollection(document: Record<string, unknown>, target: Target): Promise<string> {
  const path = `/collections?workspace=${workspaceIdOf(target)}`;
  const answer = z.object({ collection: created });
  try {
    return (await target.api.post(path, { collection: document }, answer)).collection.id;
  } catch (error) {
    if (!(error instanceof AppError) || !error.message.includes("already exists")) throw error;
    const { _postman_id: _taken, ...info } = asObject(document["info"]);
    return (await target.api.post(path, { collection: { ...document, info } }, answer)).collection.id;
  }
}

/** Secret variables whose value the file leaves out keep the one that is there. */
function withKnownSecrets(
  wanted: Record<string, unknown>,
  known: Record<string, unknown>,
): Record<string, unknown> {
  const list = wanted["variable"];
  if (!Array.isArray(list)) return wanted;
  const there = Array.isArray(known["variable"]) ? known["variable"].filter(isObject) : [];
  const variable = list.map((one: unknown) => {
    if (!isObject(one) || one["type"] !== "secret" || one["value"]) return one;
    const old = there.find(({ key }) => key === one["key"]);
    return old ? { ...one, value: old["value"] } : one;
  });
  return { ...wanted, variable };
}
