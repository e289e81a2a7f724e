import type { Actor, ConvertSpec, Deps } from "../access/context.ts";
import { changeCollection } from "../collections/change-store.ts";
import { parseCollection, withIds } from "../collections/collection.ts";
import { type Collection, createCollection, findCollection } from "../collections/store.ts";
import { AppError, problem } from "../lib/errors.ts";
import { toUid } from "../lib/ids.ts";
import { isRecord } from "../lib/parse.ts";
import { startTask, type TaskResult } from "../tasks/start.ts";
import type { Task } from "../tasks/store.ts";
import { filesOf, needed } from "./definition.ts";
import { loadFiles, updateFile } from "./files-store.ts";
import { createLink, defaultSyncOptions, findLink, type Link, markInSync } from "./links-store.ts";
import { fileFormatOf, isSpecType, specNotFound } from "./spec.ts";
import { createSpec, findSpec, type Spec } from "./store.ts";
import { syncCollection } from "./sync.ts";

export interface GenerateDeps extends Pick<Deps, "database" | "log"> {
  convertSpec: ConvertSpec | undefined;
}

interface Subject {
  kind: string;
  elementType: "spec" | "collection";
  elementId: string;
  workspaceId: string;
}

/** 423 while anything is generated from, or put in sync with, the same element. */
async function start(
  deps: GenerateDeps,
  actor: Actor,
  subject: Subject,
  work: () => Promise<TaskResult>,
): Promise<Task> {
  // Before a task is started that could only fail.
  needed(deps.convertSpec);
  try {
    return await startTask(
      deps,
      actor,
      { ...subject, exclusiveKey: `generation:${subject.elementType}:${subject.elementId}` },
      work,
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "conflict") throw error;
    throw problem("locked", `Collection generation is already in progress for the ${subject.elementType}.`, {
      type: "actionLockedError",
      title: "Action Locked",
    });
  }
}

/** What a task that ended well answers with. */
const made = (id: string, url: string): TaskResult => ({ resources: [{ id, url }] });

/** A new collection of a specification, beside it. The link begins at the revision that was read. */
export const generateCollection = (
  deps: GenerateDeps,
  actor: Actor,
  spec: Spec,
  wanted: { name: string; options: Record<string, unknown> },
): Promise<Task> =>
  start(
    deps,
    actor,
    { kind: "spec.generation", elementType: "spec", elementId: spec.id, workspaceId: spec.workspaceId },
    async () => {
      const { collection, specRevision } = await collectionOf(deps, spec.id, wanted.options);
      const info = isRecord(collection["info"]) ? collection["info"] : {};
      const parsed = parseCollection({ ...collection, info: { ...info, name: wanted.name } });
      const created = await createCollection(deps.database, actor, {
        ...parsed,
        workspaceId: spec.workspaceId,
        onExistingId: "renew",
        note: { through: "sync" },
      });
      await createLink(deps.database, actor, {
        specId: spec.id,
        collectionId: created.id,
        generated: "collection",
        options: wanted.options,
        specRevision,
        collectionRevision: created.revision,
      });
      const uid = toUid(created.ownerId, created.id);
      return made(uid, `/collections/${uid}`);
    },
  );

async function collectionOf(deps: GenerateDeps, specId: string, options: Record<string, unknown>) {
  const spec = await findSpec(deps.database, specId);
  if (!spec) throw specNotFound();
  const files = await loadFiles(deps.database, specId);
  const { collection } = await needed(deps.convertSpec)({
    action: "collection",
    ...filesOf(files),
    options,
  });
  if (!collection) throw new Error("the convert process made no collection");
  return { collection, specRevision: spec.revision };
}

/** A new specification of a collection, beside it. */
export const generateSpec = (
  deps: GenerateDeps,
  actor: Actor,
  { id, workspaceId }: Pick<Collection, "id" | "workspaceId">,
  wanted: { name: string; type: string; format: "JSON" | "YAML" },
): Promise<Task> =>
  start(
    deps,
    actor,
    { kind: "collection.generation", elementType: "collection", elementId: id, workspaceId },
    async () => {
      const collection = await getDocument(deps, id);
      const { type } = wanted;
      if (!isSpecType(type)) throw new Error("the type of a specification was not checked");
      const format = wanted.format === "JSON" ? "json" : "yaml";
      const { text = "" } = await needed(deps.convertSpec)({
        action: "openapi",
        collection: collection.document,
        version: versionOf(type),
        format,
      });
      const files = [{ path: `index.${format}`, content: text, type: "ROOT" as const }];
      const spec = await createSpec(deps.database, actor, { workspaceId, name: wanted.name, type, files });
      await createLink(deps.database, actor, {
        specId: spec.id,
        collectionId: id,
        generated: "spec",
        options: {},
        specRevision: spec.revision,
        collectionRevision: collection.revision,
      });
      return made(spec.id, `/specs/${spec.id}`);
    },
  );

export const versionOf = (type: string): "2.0" | "3.0" | "3.1" =>
  type === "OPENAPI:2.0" ? "2.0" : type === "OPENAPI:3.1" ? "3.1" : "3.0";

async function getDocument(deps: GenerateDeps, id: string): Promise<Collection> {
  const collection = await findCollection(deps.database, id);
  if (!collection) throw new AppError("not_found", "The collection has been deleted.");
  return collection;
}

/** The collection gets what its specification has and it lacks. */
export const syncCollectionWithSpec = (
  deps: GenerateDeps,
  actor: Actor,
  { specId, collectionId }: Link,
  workspaceId: string,
): Promise<Task> =>
  start(
    deps,
    actor,
    { kind: "collection.synchronization", elementType: "collection", elementId: collectionId, workspaceId },
    async () => {
      const link = await findLink(deps.database, specId, collectionId);
      if (!link) throw specNotFound("The collection is no longer linked to the specification.");
      const fresh = await collectionOf(deps, specId, link.options);
      // Under its lock: somebody may be changing it.
      const changed = await changeCollection(deps.database, actor, collectionId, (collection) => {
        const synced = syncCollection(collection.document, fresh.collection, link.syncOptions);
        collection.document = withIds(parseCollection(synced).document, collectionId);
        const audit = { action: "collection.updated", subjectType: "collection", subjectId: collectionId };
        return { result: undefined, audit: { ...audit, change: { specId }, note: { through: "sync" } } };
      });
      if (!changed) throw new AppError("not_found", "The collection has been deleted.");
      const updated = changed.head;
      await markInSync(deps.database, actor, link, {
        specRevision: fresh.specRevision,
        collectionRevision: updated.revision,
        changed: "collection",
      });
      const uid = toUid(updated.ownerId, updated.id);
      return made(uid, `/collections/${uid}`);
    },
  );

/** The specification gets the operations that the collection has and it lacks; what stands there stays. */
export const syncSpecWithCollection = (
  deps: GenerateDeps,
  actor: Actor,
  { specId, collectionId }: Link,
  spec: Spec,
): Promise<Task> =>
  start(
    deps,
    actor,
    { kind: "spec.synchronization", elementType: "spec", elementId: specId, workspaceId: spec.workspaceId },
    async () => {
      const link = await findLink(deps.database, specId, collectionId);
      const before = await findSpec(deps.database, specId);
      const [root] = await loadFiles(deps.database, specId);
      if (!link || !root || !before)
        throw specNotFound("The collection is no longer linked to the specification.");
      const collection = await getDocument(deps, collectionId);
      const { text = "" } = await needed(deps.convertSpec)({
        action: "openapi",
        collection: collection.document,
        version: versionOf(spec.type),
        format: fileFormatOf(root.path) === "json" ? "json" : "yaml",
        base: {
          text: root.content,
          dropOrphans: (link.syncOptions ?? defaultSyncOptions).deleteOrphanedRequests,
        },
      });
      if (text !== root.content)
        await updateFile(deps.database, actor, root, { content: text, revision: before.revision });
      const updated = await findSpec(deps.database, specId);
      if (!updated) throw specNotFound();
      await markInSync(deps.database, actor, link, {
        specRevision: updated.revision,
        collectionRevision: collection.revision,
        changed: "spec",
      });
      return made(specId, `/specs/${specId}`);
    },
  );
