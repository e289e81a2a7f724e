import type { Context } from "hono";

import type { AppEnv, Deps } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";
import { isUuid } from "../lib/ids.ts";
import { findRunner, type RunnerWithHealth } from "./store.ts";

/** The runner of the path of a page; 404 when there is none, 403 for one that the person does not see. */
export async function getRunner(c: Context<AppEnv>, deps: Pick<Deps, "database">): Promise<RunnerWithHealth> {
  const id = c.req.param("id") ?? "";
  const found = isUuid(id) ? await findRunner(deps.database, c.get("actor"), id) : undefined;
  if (!found) throw notFound();
  return found;
}

export const notFound = () => new AppError("not_found", "There is no such runner; it may have been deleted.");
