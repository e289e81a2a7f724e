import { withQuery } from "../format.ts";
import type { Shell } from "../layout.tsx";
import { Tabs } from "./tabs.tsx";

const views = [
  { place: "log", path: "/alerts", label: "Alerts" },
  { place: "channels", path: "/alerts/channels", label: "Channels" },
  { place: "maintenance", path: "/maintenance", label: "Maintenance" },
  { place: "summaries", path: "/alerts/summaries", label: "Summaries" },
] as const;

export type AlertPlace = (typeof views)[number]["place"];

/** The pages about alerts beside each other. */
export function AlertTabs({ shell, place }: { shell: Shell; place: AlertPlace }) {
  return (
    <Tabs
      label="Pages about alerts"
      tabs={views.map((view) => ({
        href: withQuery(view.path, { workspace: shell.workspaceId }),
        label: view.label,
        current: view.place === place,
      }))}
    />
  );
}
