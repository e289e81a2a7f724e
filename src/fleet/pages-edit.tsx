import { type Context, Hono } from "hono";

import { runnerEditPage } from "../../web/pages/runner-edit.tsx";
import type { FormErrors } from "../../web/parts/form.tsx";
import type { RunnerValues } from "../../web/parts/runner-fields.tsx";
import type { AppEnv, Deps } from "../access/context.ts";
import { formErrorsOf, readForm, type SentForm } from "../access/pages-form.ts";
import { requireAdmin } from "../access/rights.ts";
import { loadShell } from "../workspaces/pages-shell.ts";
import { getRunner } from "./open-runner.ts";
import { parseRunner } from "./runner.ts";
import { findUnknownWorkspace, type RunnerWithHealth, updateRunner } from "./store.ts";

/** `/runners/:id/edit`: name, description and which workspaces see it; for admins. */
export function runnerEditPages(deps: Deps): Hono<AppEnv> {
  const { database } = deps;
  const routes = new Hono<AppEnv>();

  const show = async (
    c: Context<AppEnv>,
    runner: RunnerWithHealth,
    { values, errors }: { values: RunnerValues; errors?: FormErrors },
  ) => {
    const shell = await loadShell(c, deps);
    return c.html(runnerEditPage({ shell, runner, values, errors }), errors ? 400 : 200);
  };

  routes.get("/runners/:id/edit", async (c) => {
    requireAdmin(c.get("actor"));
    const runner = await getRunner(c, deps);
    return show(c, runner, { values: runner });
  });

  routes.post("/runners/:id/edit", async (c) => {
    requireAdmin(c.get("actor"));
    const runner = await getRunner(c, deps);
    const values = valuesOf(await readForm(c));
    if (values.name === "") return show(c, runner, { values, errors: { name: "Give the runner a name." } });
    try {
      const input = parseRunner({ ...values, workspaces: values.workspaceIds });
      const unknown = await findUnknownWorkspace(database, input.workspaceIds);
      if (unknown !== undefined) {
        return await show(c, runner, {
          values,
          errors: { visibility: "A chosen workspace was deleted meanwhile." },
        });
      }
      await updateRunner(database, c.get("actor"), runner.id, input);
      return c.redirect(`/runners/${runner.id}`, 303);
    } catch (error) {
      return show(c, runner, { values, errors: formErrorsOf(error, { "runner.workspaces": "visibility" }) });
    }
  });

  return routes;
}

/** As typed into the form of a runner. */
export const valuesOf = (form: SentForm): RunnerValues => ({
  name: form.text("name"),
  description: form.text("description"),
  visibility: form.text("visibility") === "selected" ? "selected" : "all",
  workspaceIds: form.list("workspaces"),
});
