import { Tabs } from "./tabs.tsx";

const views = [
  { place: "results", path: "", label: "Results" },
  { place: "alerts", path: "/alerts", label: "Alerts" },
  { place: "ledger", path: "/ledger", label: "Slot ledger" },
  { place: "activity", path: "/activity", label: "Activity" },
  { place: "report", path: "/report", label: "Report" },
  { place: "export", path: "/export", label: "Export" },
] as const;

export type MonitorPlace = (typeof views)[number]["place"];

/** The pages of a monitor beside each other. */
export function MonitorTabs({ monitorId, place }: { monitorId: string; place: MonitorPlace }) {
  return (
    <Tabs
      label="Pages of this monitor"
      tabs={views.map((view) => ({
        href: `/monitors/${monitorId}${view.path}`,
        label: view.label,
        current: view.place === place,
      }))}
    />
  );
}

interface MonitorHeadProps {
  monitor: { id: string; name: string; workspaceName: string };
  place: MonitorPlace;
  title: string;
}

/** What stands on top of each page about a monitor. */
export function MonitorHead({ monitor, place, title }: MonitorHeadProps) {
  return (
    <>
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/">Monitors</a> / {monitor.workspaceName} /{" "}
            <a href={`/monitors/${monitor.id}`}>{monitor.name}</a>
          </p>
          <h1>{title}</h1>
        </div>
      </div>
      <MonitorTabs monitorId={monitor.id} place={place} />
    </>
  );
}
