import { Hono } from "hono";

import { runnerProgramsPage } from "../../web/pages/runner-programs.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { AppError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import type { Programs } from "./programs.ts";

/** `/runners/programs`: what runners can fetch, for the people who carry the first one into a closed network. */
export function programPages(deps: Deps, programs: Programs | undefined): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();

  routes.get("/runners/programs", async (c) => {
    const [shell, listed] = await Promise.all([loadShell(c, deps), programs?.list() ?? []]);
    return c.html(runnerProgramsPage({ shell, version: VERSION, programs: listed }));
  });

  routes.get("/runners/programs/:platform", async (c) => {
    const platform = c.req.param("platform");
    const program = await programs?.find(platform);
    if (!program) {
      throw new AppError("not_found", `There is no program for ${platform.slice(0, 50)} here.`);
    }
    return c.body(Bun.file(program.path).stream(), 200, {
      "content-type": "application/octet-stream",
      "content-length": String(program.sizeBytes),
      "content-disposition": `attachment; filename="app-${program.platform}"`,
      "cache-control": "private, no-store",
    });
  });

  return routes;
}
