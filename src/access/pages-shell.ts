import type { Context } from "hono";

import type { Shell } from "../../web/layout.tsx";
import type { AppEnv, Deps } from "./context.ts";

/** The frame of pages that stand outside of any workspace. */
export function accessShell(c: Context<AppEnv>, deps: Pick<Deps, "clock">): Shell {
  const { name, email, role } = c.get("actor");
  return {
    user: { name, email, isAdmin: role === "admin" },
    csrfToken: c.get("csrfToken"),
    workspaces: [],
    now: deps.clock.now(),
  };
}
