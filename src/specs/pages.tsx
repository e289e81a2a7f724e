import { type Context, Hono } from "hono";

import { confirmPage } from "../../web/pages/confirm.tsx";
import { specPage, type SpecProps, specsPage, type SpecsProps } from "../../web/pages/specs.tsx";
import type { AppEnv, ConvertSpec, Deps } from "../access/context.ts";
import { formErrorsOf, readForm, type SentForm } from "../access/pages-form.ts";
import { requireWorkspaceRole, type WorkspaceRole } from "../access/workspace-rights.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { isTaskPending } from "../tasks/store.ts";
import { loadShell, workspaceForUpload, workspaceName } from "../workspaces/pages-shell.ts";
import { loadFiles } from "./files-store.ts";
import { generateCollection, syncCollectionWithSpec } from "./generate.ts";
import { findLink, listGeneratedCollections } from "./links-store.ts";
import { checkFiles, isOpenApiType, recognize } from "./spec.ts";
import { createSpec, deleteSpec, findSpec, listSpecs, type Spec } from "./store.ts";

const MAX_LISTED = 1000;
/** Of a file on a page; nobody reads more there. */
const MAX_SHOWN_CHARS = 200_000;

/** `/specs`: list, upload, look inside, generate collections, delete. */
export function specsPages(deps: Deps, { convertSpec }: { convertSpec?: ConvertSpec } = {}): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const showList = async (c: Context<AppEnv>, upload: SpecsProps["upload"], status: 200 | 400 = 200) => {
    const shell = await loadShell(c, deps);
    const filter = shell.workspaceId === undefined ? {} : { workspaceId: shell.workspaceId };
    const { specs } = await listSpecs(database, c.get("actor"), {
      ...filter,
      limit: MAX_LISTED,
      after: undefined,
    });
    const rows = specs.map((spec) => ({ ...spec, workspaceName: workspaceName(shell, spec.workspaceId) }));
    return c.html(specsPage({ shell, rows, upload }), status);
  };

  const showSpec = async (c: Context<AppEnv>, spec: Spec, form: Pick<SpecProps, "name" | "errors"> = {}) => {
    const shell = await loadShell(c, deps);
    const [files, generated, isGenerating] = await Promise.all([
      loadFiles(database, spec.id),
      listGeneratedCollections(database, c.get("actor"), spec.id, { limit: 100, after: undefined }),
      isTaskPending(database, `generation:spec:${spec.id}`),
    ]);
    const file = files.find(({ path }) => path === c.req.query("file")) ?? files[0];
    const text = file?.content ?? "";
    const props: SpecProps = {
      shell,
      spec: { ...spec, workspaceName: workspaceName(shell, spec.workspaceId) },
      files,
      shown: {
        path: file?.path ?? "",
        text: text.slice(0, MAX_SHOWN_CHARS),
        isCut: text.length > MAX_SHOWN_CHARS,
      },
      collections: generated.elements.map(({ id, name, isOutOfSync }) => ({
        id,
        name,
        state: isOutOfSync ? "out-of-sync" : "in-sync",
      })),
      isGenerating,
      canGenerate: isOpenApiType(spec.type),
      ...form,
    };
    return c.html(specPage(props), form.errors ? 400 : 200);
  };

  routes.get("/specs", (c) => showList(c, { text: "" }));

  routes.post("/specs", async (c) => {
    const form = await readForm(c);
    const workspaceId = form.text("workspace");
    try {
      const { name, type, path, content } = recognize(await readFile(form));
      const spec = await createSpec(database, c.get("actor"), {
        workspaceId: await workspaceForUpload(deps, c.get("actor"), workspaceId),
        name,
        type,
        files: checkFiles(type, [{ path, content }]),
      });
      return c.redirect(`/specs/${spec.id}`, 303);
    } catch (error) {
      const errors = formErrorsOf(error, { workspace: "" });
      return showList(c, { text: form.raw("text"), workspaceId, errors }, 400);
    }
  });

  routes.get("/specs/:id", async (c) => showSpec(c, await getSpec(c, "viewer")));

  routes.post("/specs/:id/collections", async (c) => {
    const spec = await getSpec(c, "editor");
    const form = await readForm(c);
    const name = form.text("name");
    try {
      if (name === "") throw new AppError("bad_request", "Give the collection a name.");
      if (!isOpenApiType(spec.type))
        throw new AppError("bad_request", "Collections are generated from OpenAPI only.");
      const options = { folderStrategy: form.text("folders") === "Tags" ? "Tags" : "Paths" };
      await generateCollection({ ...deps, convertSpec }, c.get("actor"), spec, {
        name,
        options: { ...options, parametersResolution: "Example" },
      });
      return c.redirect(`/specs/${spec.id}`, 303);
    } catch (error) {
      return showSpec(c, spec, { name, errors: formErrorsOf(error) });
    }
  });

  routes.post("/specs/:id/collections/:collectionId/sync", async (c) => {
    const spec = await getSpec(c, "editor");
    const collectionId = c.req.param("collectionId");
    const link = isUuid(collectionId) ? await findLink(database, spec.id, collectionId) : undefined;
    if (!link) throw new AppError("not_found", "The collection was not generated from this specification.");
    await syncCollectionWithSpec({ ...deps, convertSpec }, c.get("actor"), link, spec.workspaceId);
    return c.redirect(`/specs/${spec.id}`, 303);
  });

  routes.get("/specs/:id/delete", async (c) => {
    const { id, name } = await getSpec(c, "editor");
    return c.html(
      confirmPage({
        shell: await loadShell(c, deps),
        section: "specs",
        title: `Delete ${name}?`,
        consequence:
          "Its version tags go with it; collections that were generated from it stay. This cannot be undone.",
        action: `/specs/${id}/delete`,
        label: `Delete ${name}`,
        back: `/specs/${id}`,
      }),
    );
  });

  routes.post("/specs/:id/delete", async (c) => {
    const { id } = await getSpec(c, "editor");
    await deleteSpec(database, c.get("actor"), id);
    return c.redirect("/specs", 303);
  });

  async function getSpec(c: Context<AppEnv>, role: WorkspaceRole): Promise<Spec> {
    const id = c.req.param("id") ?? "";
    const spec = isUuid(id) ? await findSpec(database, id) : undefined;
    if (!spec) throw new AppError("not_found", "There is no such specification; it may have been deleted.");
    await requireWorkspaceRole(database, c.get("actor"), spec.workspaceId, role);
    return spec;
  }

  return routes;
}

/** The chosen file, or else the pasted text. */
async function readFile(form: SentForm): Promise<{ name: string; content: string }> {
  const file = form.file("file");
  if (file) return { name: file.name, content: await file.text() };
  const content = form.raw("text");
  if (content.trim() === "") throw new AppError("bad_request", "Choose a file or paste a document.");
  return { name: "", content };
}
