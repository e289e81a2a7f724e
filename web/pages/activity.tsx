import { withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { Activity, type ActivityEntry } from "../parts/activity.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { MonitorHead } from "../parts/monitor-tabs.tsx";
import { Pager } from "../parts/pager.tsx";

export interface ActivityProps {
  shell: Shell;
  monitor: { id: string; name: string; workspaceName: string };
  /** Newest first. */
  entries: ActivityEntry[];
  isFirst: boolean;
  /** Cursor of the next page. */
  next?: string | undefined;
}

/** What people did to a monitor, and how its state changed. */
export const activityPage = ({ shell, monitor, entries, isFirst, next }: ActivityProps) => {
  const path = `/monitors/${monitor.id}/activity`;
  return page(
    <Layout title={`Activity of ${monitor.name}`} shell={shell} section="monitors">
      <MonitorHead monitor={monitor} place="activity" title="Activity" />
      {entries.length === 0 ? (
        <EmptyState title="Nothing has happened yet">
          Changes of the monitor, its collection and its environment are listed here, and each time that its
          state changes.
        </EmptyState>
      ) : (
        <div class="panel">
          <Activity entries={entries} now={shell.now} />
        </div>
      )}
      <Pager
        previous={isFirst ? undefined : path}
        next={next === undefined ? undefined : withQuery(path, { cursor: next })}
      />
    </Layout>,
  );
};
