import { anyAnswer } from "../../lib/api-client.ts";
import { pageFields } from "../../status/page.ts";
import { alertFolders, type StatusPageFile } from "./content-alerts.ts";
import type { Step } from "./plan.ts";
import { differing, only, planElement, readAs } from "./steps-element.ts";
import { type Find, resolverNow, resolver, type Target, workspaceIdOf } from "./target.ts";

/** A page with its list of monitors, which is whole: what is not in the file goes. */
export function planStatusPage(file: StatusPageFile, target: Target): Step {
  const { api, actual } = target;
  const name = file.slug;
  const by = `Status page "${name}" of workspace "${target.name}"`;
  const known = actual.statusPages.find((one) => one.name === name);
  const wanted = (find: Find) => readAs(pageFields, { ...known?.fields, ...fieldsOf(file, find) }, by);
  const changed = differing(wanted(resolverNow(target)), known?.fields ?? {});
  return planElement(
    { kind: "status page", name, workspace: target.name },
    {
      changed: known && changed,
      create: async () => {
        const statusPage = wanted(resolver(target, by));
        const path = `/${alertFolders.statusPages}?workspace=${workspaceIdOf(target)}`;
        await api.post(path, { statusPage }, anyAnswer);
      },
      update: async () => {
        const statusPage = only(wanted(resolver(target, by)), changed);
        await api.put(`/${alertFolders.statusPages}/${known?.id ?? ""}`, { statusPage }, anyAnswer);
      },
    },
  );
}

const fieldsOf = ({ $kind: _kind, monitors, ...fields }: StatusPageFile, find: Find) => ({
  ...fields,
  ...(monitors && { monitors: monitors.map((one) => ({ ...one, monitor: find("monitor", one.monitor) })) }),
});
