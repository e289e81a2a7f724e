import { page } from "../layout.tsx";
import { Pager } from "../parts/pager.tsx";
import { ShownIncidentCard } from "../parts/status-incidents.tsx";
import type { ShownIncident, StatusView } from "./status-view.ts";
import { StatusLayout } from "./status.tsx";

export interface StatusHistoryProps {
  page: StatusView["page"];
  incidents: ShownIncident[];
  previous?: string | undefined;
  next?: string | undefined;
}

/** Every incident of a page, newest first. */
export const statusHistoryPage = ({ page: shown, incidents, previous, next }: StatusHistoryProps) =>
  page(
    <StatusLayout title={`Incidents · ${shown.title}`} view={{ page: shown }}>
      <header class="status-head">
        <p class="crumbs">
          <a href={`/status/${shown.slug}`}>{shown.title}</a>
        </p>
        <h1>Incidents</h1>
      </header>
      {incidents.length === 0 && <p class="dim">There was none.</p>}
      {incidents.map((incident) => (
        <ShownIncidentCard incident={incident} timezone={shown.timezone} level={2} />
      ))}
      <Pager previous={previous} next={next} />
    </StatusLayout>,
  );
