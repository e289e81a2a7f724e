import { Hono } from "hono";

import type { Deps } from "../access/context.ts";
import { programsPath } from "../contract/runner.ts";
import { AppError } from "../lib/errors.ts";
import { VERSION } from "../lib/version.ts";
import type { Programs } from "./programs.ts";
import { createRunnerDoor } from "./runner-door.ts";

/** Programs for `runner upgrade`: which there are, and their bytes. Behind the key of a runner, like all its calls. */
export function programsApi(deps: Deps, programs: Programs): Hono {
  const authenticate = createRunnerDoor(deps);
  const app = new Hono();

  app.get(programsPath, async (c) => {
    await authenticate(c);
    const listed = await programs.list();
    return c.json({
      version: VERSION,
      programs: listed.map(({ platform, sizeBytes, sha256 }) => ({ platform, sizeBytes, sha256 })),
    });
  });

  app.get(`${programsPath}/:platform`, async (c) => {
    await authenticate(c);
    const platform = c.req.param("platform");
    const program = await programs.find(platform);
    if (!program) {
      throw new AppError("not_found", `This control plane has no program for ${platform.slice(0, 50)}.`);
    }
    return c.body(Bun.file(program.path).stream(), 200, {
      "content-type": "application/octet-stream",
      "content-length": String(program.sizeBytes),
      "cache-control": "no-store",
    });
  });

  return app;
}
