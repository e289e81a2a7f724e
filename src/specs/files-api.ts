import { createHash } from "node:crypto";

import { Hono } from "hono";
import { z } from "zod";

import type { AppEnv, Deps } from "../access/context.ts";
import { documented } from "../access/endpoint.ts";
import { isUuid } from "../lib/ids.ts";
import {
  createFile,
  deleteFile,
  findFile,
  type FileChange,
  listFiles,
  type SpecFile,
  type SpecFileHead,
  updateFile,
} from "./files-store.ts";
import { getSpec, nextCursor, readBody, readPage } from "./request.ts";
import {
  badSpec,
  checkContent,
  checkPath,
  fileNameOf,
  isSpecType,
  newSpecFile,
  newVersionTag,
  specFileChange,
  specNotFound,
  type SpecType,
} from "./spec.ts";
import type { Spec } from "./store.ts";
import {
  createVersionTag,
  findVersionTag,
  listVersionTags,
  loadTagFiles,
  type TagFile,
} from "./version-store.ts";

const tag = "Specs";
/** One percent-encoded segment; a path that came unencoded is taken as well. */
const filePath = "/specs/:specId/files/:filePath{.+}";

/** `/specs/{id}/files` and `/specs/{id}/version-tags` of the Postman API. */
export function specFilesApi(deps: Pick<Deps, "database">): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  routes.get(
    "/specs/:specId/files",
    documented({ summary: "List the files of a specification", tag }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "viewer");
      const files = await listFiles(database, spec.id);
      return c.json({
        files: files.map((file) => ({ ...fileOf(file), name: fileNameOf(file.path) })),
        meta: { nextCursor: null },
      });
    },
  );

  routes.post(
    "/specs/:specId/files",
    documented({ summary: "Add a file to a specification", tag, body: newSpecFile, status: 201 }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "editor");
      const { path, content } = await readBody(c, newSpecFile);
      checkPath(typeOf(spec), path);
      checkContent(content);
      const file = { path, content, type: "DEFAULT" as const };
      return c.json(fileOf(await createFile(database, c.get("actor"), spec.id, file)), 201);
    },
  );

  routes.get(filePath, documented({ summary: "Get a file of a specification", tag }), async (c) => {
    const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "viewer");
    const file = await getFile(spec, c.req.param("filePath"));
    return c.json({ ...fileOf(file), name: fileNameOf(file.path), content: file.content });
  });

  routes.patch(
    filePath,
    documented({
      summary: "Change the content, name or type of a file",
      tag,
      description:
        "One of the three at a time. A file that becomes the root takes the place of the former one.",
      body: specFileChange,
    }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "editor");
      const file = await getFile(spec, c.req.param("filePath"));
      const change = toChange(spec, file, await readBody(c, specFileChange));
      return c.json(fileOf(await updateFile(database, c.get("actor"), file, change)));
    },
  );

  routes.delete(
    filePath,
    documented({ summary: "Delete a file of a specification", tag, status: 204, answer: null }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "editor");
      await deleteFile(database, c.get("actor"), await getFile(spec, c.req.param("filePath")));
      return c.body(null, 204);
    },
  );

  const pageQuery = z.object({ limit: z.string().optional(), cursor: z.string().optional() });
  routes.get(
    "/specs/:specId/version-tags",
    documented({ summary: "List the version tags of a specification", tag, query: pageQuery }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "viewer");
      const { tags, next } = await listVersionTags(database, spec.id, readPage(c));
      return c.json({ data: tags.map(({ id, name }) => ({ id, name })), meta: nextCursor(next) });
    },
  );

  routes.post(
    "/specs/:specId/version-tags",
    documented({
      summary: "Name the present state of a specification",
      tag,
      body: newVersionTag,
      status: 201,
    }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "editor");
      const { name } = await readBody(c, newVersionTag);
      const created = await createVersionTag(database, c.get("actor"), spec, name);
      return c.json({ data: { id: created.id, name: created.name } }, 201);
    },
  );

  routes.get(
    "/specs/:specId/version-tags/:tagId/files",
    documented({ summary: "Get the files as they were when a version tag was made", tag }),
    async (c) => {
      const spec = await getSpec(deps, c.get("actor"), c.req.param("specId"), "viewer");
      const id = c.req.param("tagId");
      const version = isUuid(id) ? await findVersionTag(database, spec.id, id) : undefined;
      if (!version)
        throw specNotFound("The version tag you are trying to access does not exist on this specification.");
      return c.json({ data: snapshotOf(spec.id, await loadTagFiles(database, version.id)) });
    },
  );

  async function getFile(spec: Spec, path: string): Promise<SpecFile> {
    const file = await findFile(database, spec.id, path);
    if (!file) throw specNotFound("Entity that you are trying to access does not exist.");
    return file;
  }

  return routes;
}

function toChange(spec: Spec, file: SpecFileHead, change: z.infer<typeof specFileChange>): FileChange {
  const given = Object.keys(change);
  if (given.length === 0) throw badSpec("The required body parameter is missing from the request.");
  if (given.length > 1) throw badSpec("Only one of 'content', 'type', or 'name' should be provided.");
  const { name, content, type } = change;
  if (content !== undefined) {
    checkContent(content);
    return { content };
  }
  if (name !== undefined) {
    if (name.includes("/")) throw badSpec("The name of a file must not hold a slash.");
    const path = `${file.path.slice(0, file.path.length - fileNameOf(file.path).length)}${name}`;
    checkPath(typeOf(spec), path);
    return { path };
  }
  if (type === "DEFAULT" && file.type === "ROOT")
    throw badSpec("A specification has one root file: make another file the root instead.");
  return type === undefined ? {} : { type };
}

/** What is stored was checked when it came in; the database knows it as text. */
const typeOf = ({ type }: Spec): SpecType => (isSpecType(type) ? type : "OPENAPI:3.0");

const fileOf = (file: SpecFileHead) => ({
  id: file.id,
  path: file.path,
  type: file.type,
  createdBy: file.createdBy,
  updatedBy: file.updatedBy,
  createdAt: file.createdAt.toISOString(),
  updatedAt: file.updatedAt.toISOString(),
});

/** Files and the folders around them, which exist by their paths only. */
function snapshotOf(specId: string, files: TagFile[]) {
  const folders = new Map<string, object>();
  const parentOf = (path: string): string => {
    const at = path.lastIndexOf("/");
    return at === -1 ? specId : folderId(specId, path.slice(0, at));
  };
  for (const file of files) {
    const parts = file.path.split("/").slice(0, -1);
    for (const [index, name] of parts.entries()) {
      const path = parts.slice(0, index + 1).join("/");
      if (folders.has(path)) continue;
      folders.set(path, {
        id: folderId(specId, path),
        name,
        path,
        type: "FOLDER",
        parentId: parentOf(path),
        ...stamps(file),
      });
    }
  }
  const entries = files.map((file) => ({
    id: file.fileId,
    name: fileNameOf(file.path),
    path: file.path,
    type: "FILE",
    fileType: file.type,
    content: file.content,
    parentId: parentOf(file.path),
    ...stamps(file),
  }));
  return [...folders.values(), ...entries];
}

const stamps = (file: TagFile) => ({
  createdBy: String(file.createdBy),
  updatedBy: String(file.updatedBy),
  createdAt: file.createdAt.toISOString(),
  updatedAt: file.updatedAt.toISOString(),
});

/** The same path has the same id in every snapshot. */
function folderId(specId: string, path: string): string {
  const hex = createHash("sha256").update(`${specId}/${path}`).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
