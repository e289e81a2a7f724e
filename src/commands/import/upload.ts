import { z } from "zod";

import type { PostmanDocument, VariableDocument } from "../../engine/formats/document.ts";
import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";

export interface Uploaded {
  kind: "collection" | "environment" | "globals";
  /** Of globals: the workspace's, and so is the uid. */
  id: string;
  uid: string;
  name: string;
}

const created = z.looseObject({ id: z.string(), uid: z.string(), name: z.string() });

/** Creates a collection or environment, or puts globals to those of the workspace. */
export async function upload(
  api: ApiClient,
  { kind, name, content }: PostmanDocument,
  workspace: string | undefined,
): Promise<Uploaded> {
  if (kind === "globals") return addGlobals(api, content, { name, workspace });
  const query = workspace ? `?workspace=${workspace}` : "";
  const body = await api.post(`/${kind}s${query}`, { [kind]: content }, z.object({ [kind]: created }));
  return { kind, ...pick(created.parse(body[kind])) };
}

const pick = ({ id, uid, name }: z.infer<typeof created>) => ({ id, uid, name });

const variables = z.object({ values: z.array(z.looseObject({ key: z.string() })) });

/** Variables of the file replace those of the same name; the others stay. */
async function addGlobals(
  api: ApiClient,
  { values }: VariableDocument,
  { name, workspace }: { name: string; workspace: string | undefined },
): Promise<Uploaded> {
  const id = workspace ?? (await firstWorkspace(api));
  const path = `/workspaces/${id}/global-variables`;
  const before = await api.get(path, variables);
  const keys = new Set(values.map(({ key }) => key));
  const kept = before.values.filter(({ key }) => !keys.has(key));
  await api.put(path, { values: [...kept, ...values] }, variables);
  return { kind: "globals", id, uid: id, name };
}

const workspaces = z.object({ workspaces: z.array(z.looseObject({ id: z.string() })) });

/** What Postman calls the workspace that everybody begins with. */
const FIRST_NAME = "My Workspace";

/** Makes the first workspace of an installation that has none; its name, or undefined when there was one. */
export async function ensureWorkspace(api: ApiClient): Promise<string | undefined> {
  const { workspaces: found } = await api.get("/workspaces?limit=1", workspaces);
  if (found.length > 0) return undefined;
  const workspace = { name: FIRST_NAME, type: "team" };
  await api.post("/workspaces", { workspace }, z.object({ workspace: z.looseObject({ id: z.string() }) }));
  return FIRST_NAME;
}

/** Where the control plane puts documents that name no workspace: the oldest of this user, else the oldest of all. */
async function firstWorkspace(api: ApiClient): Promise<string> {
  const { user } = await api.get("/me", z.object({ user: z.looseObject({ id: z.number() }) }));
  const own = await api.get(`/workspaces?createdBy=${user.id}&limit=1`, workspaces);
  const [first] = [...own.workspaces, ...(await api.get("/workspaces?limit=1", workspaces)).workspaces];
  if (first) return first.id;
  throw new AppError("not_found", "There is no workspace that globals could go to: create one first.");
}
