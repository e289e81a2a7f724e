import { plural, withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { AlertTabs } from "../parts/alert-tabs.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton } from "../parts/form.tsx";
import { type Status, StatusMark } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";

export interface MaintenanceRow {
  id: string;
  name: string;
  reason: string;
  workspaceName: string;
  createdByName: string;
  behaviour: "skip" | "silence";
  state: "open" | "upcoming" | "over";
  /** What it is about, in words: "every monitor", "Orders and Users", "monitors with the tag eu". */
  about: string;
  monitorCount: number;
  /** A recurring one in words; undefined for a single one. */
  repeats: string | undefined;
  current: { startsAt: Date; endsAt: Date } | null;
  next: { startsAt: Date; endsAt: Date } | null;
  last: { startsAt: Date; endsAt: Date } | null;
  mayChange: boolean;
}

export interface MaintenanceProps {
  shell: Shell;
  rows: MaintenanceRow[];
}

export const maintenancePage = ({ shell, rows }: MaintenanceProps) => {
  const create = withQuery("/maintenance/new", { workspace: shell.workspaceId });
  const [open, upcoming, over] = (["open", "upcoming", "over"] as const).map((state) =>
    rows.filter((row) => row.state === state),
  );
  return page(
    <Layout title="Maintenance" shell={shell} section="alerts">
      <div class="head">
        <h1>Maintenance</h1>
        {rows.length > 0 && (
          <a class="button primary" href={create}>
            New maintenance
          </a>
        )}
      </div>
      <AlertTabs shell={shell} place="maintenance" />
      {rows.length === 0 && (
        <EmptyState title="No maintenance is planned" action={{ href: create, label: "New maintenance" }}>
          Say when you work on something: monitors pause or stay silent for that time, status pages announce
          it, and reports leave it out. Once, or again and again.
        </EmptyState>
      )}
      <Windows title="Open now" rows={open ?? []} shell={shell} />
      <Windows title="Coming" rows={upcoming ?? []} shell={shell} />
      <Windows title="Over" rows={over ?? []} shell={shell} />
    </Layout>,
  );
};

const markOf: Record<MaintenanceRow["state"], { status: Status; word: string }> = {
  open: { status: "paused", word: "open" },
  upcoming: { status: "pending", word: "planned" },
  over: { status: "none", word: "over" },
};

function Windows({ title, rows, shell }: { title: string; rows: MaintenanceRow[]; shell: Shell }) {
  if (rows.length === 0) return null;
  const id = `windows-${title.toLowerCase().replaceAll(" ", "-")}`;
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Maintenance</th>
            <th scope="col">When</th>
            <th scope="col">For</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Window row={row} shell={shell} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Window({ row, shell }: { row: MaintenanceRow; shell: Shell }) {
  return (
    <tr>
      <td class="state">
        <StatusMark {...markOf[row.state]} />
      </td>
      <td class="name">
        {row.mayChange && row.state !== "over" ? <a href={`/maintenance/${row.id}`}>{row.name}</a> : row.name}
        {row.reason !== "" && <span class="sub">{row.reason}</span>}
        <span class="sub">
          {row.workspaceName}, by {row.createdByName}
        </span>
      </td>
      <td class="when">
        <When row={row} now={shell.now} />
      </td>
      <td data-label="For" class="long">
        {row.about}
        <span class="sub">
          {plural(row.monitorCount, "monitor")};{" "}
          {row.behaviour === "skip" ? "runs are skipped" : "runs are silent"}
        </span>
      </td>
      <td class="end">{row.mayChange && <Actions row={row} shell={shell} />}</td>
    </tr>
  );
}

/** The period that matters most, with both ends. */
function When({ row, now }: { row: MaintenanceRow; now: Date }) {
  const period = row.current ?? row.next ?? row.last;
  return (
    <>
      {row.current && (
        <>
          ends <Time at={row.current.endsAt} now={now} show="both" />
        </>
      )}
      {!row.current && period && (
        <>
          <Time at={period.startsAt} now={now} show="both" />
          <span class="sub">
            to <Time at={period.endsAt} now={now} show="absolute" />
          </span>
        </>
      )}
      {row.repeats !== undefined && <span class="sub">{row.repeats}</span>}
    </>
  );
}

function Actions({ row, shell }: { row: MaintenanceRow; shell: Shell }) {
  const action = (path: string, label: string) => (
    <ActionButton
      action={`/maintenance/${row.id}/${path}`}
      csrfToken={shell.csrfToken}
      label={label}
      class="small"
    />
  );
  return (
    <span class="row-actions">
      {row.state === "open" && action("extend", "+30 min")}
      {row.state === "open" && action("end", "End now")}
      <a class="button danger small" href={`/maintenance/${row.id}/delete`}>
        Delete
      </a>
    </span>
  );
}
