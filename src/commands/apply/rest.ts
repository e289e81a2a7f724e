import { anyAnswer } from "../../lib/api-client.ts";
import { alertFolders } from "./content-alerts.ts";
import type { WorkspaceContent } from "./content.ts";
import type { Step } from "./plan.ts";
import type { Target } from "./target.ts";
import { namesInFiles } from "./twins.ts";

/** In an order in which nothing is deleted twice: rules go with their monitors, summaries with their channels. */
const kinds = [
  ["summary", "summaries", alertFolders.summaries],
  ["alert rule", "rules", alertFolders.rules],
  ["maintenance window", "windows", alertFolders.windows],
  ["status page", "statusPages", alertFolders.statusPages],
  ["alert channel", "channels", alertFolders.channels],
  ["monitor", "monitors", "monitors"],
  ["mock", "mocks", "mocks"],
  ["spec", "specs", "specs"],
  ["collection", "collections", "collections"],
  ["environment", "environments", "environments"],
] as const;

/** What the files do not name: deleted with `prune`, else kept. */
export function planRest(content: WorkspaceContent, target: Target, prune: boolean): Step[] {
  const { api, actual, name: workspace } = target;
  return kinds.flatMap(([kind, list, path]): Step[] => {
    const named = new Set(namesInFiles(list, content, target));
    return actual[list]
      .filter(({ name }) => !named.has(name))
      .map(({ id, name }): Step => {
        const step = { kind, name, workspace };
        if (!prune) return { ...step, action: "kept" };
        const run = async () => void (await api.delete(`/${path}/${id}`, anyAnswer));
        return { ...step, action: "delete", run };
      });
  });
}
