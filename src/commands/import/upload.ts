import { z } from "zod";

import type { PostmanDocument } from "../../engine/formats/document.ts";
import type { ApiClient } from "../../lib/api-client.ts";
import { AppError } from "../../lib/errors.ts";

export interface Uploaded {
  kind: "collection" | "environment";
  id: string;
  uid: string;
  name: string;
}

const created = z.looseObject({ id: z.string(), uid: z.string(), name: z.string() });

/** Creates a collection or environment. Throws for globals, which have no place on the control plane. */
export async function upload(
  api: ApiClient,
  { kind, name, content }: PostmanDocument,
  workspace: string | undefined,
): Promise<Uploaded> {
  if (kind === "globals")
    throw new AppError(
      "bad_request",
      `the globals "${name}" cannot be imported yet: rename the scope to environment, or give them to a run with -g.`,
    );
  const query = workspace ? `?workspace=${workspace}` : "";
  const body = await api.post(`/${kind}s${query}`, { [kind]: content }, z.object({ [kind]: created }));
  return { kind, ...pick(created.parse(body[kind])) };
}

const pick = ({ id, uid, name }: z.infer<typeof created>) => ({ id, uid, name });
