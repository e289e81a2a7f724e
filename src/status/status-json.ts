import type { ShownIncident, StatusView } from "../../web/pages/status-view.ts";

/** What `/status/:slug.json` answers: all that the page shows, for programs. */
export const statusJson = (view: StatusView, publicUrl: string) => ({
  page: {
    title: view.page.title,
    description: view.page.description,
    url: `${publicUrl}/status/${view.page.slug}`,
    timezone: view.page.timezone,
    asOf: view.asOf.toISOString(),
  },
  status: { tone: view.verdict.tone, sentence: view.verdict.sentence },
  groups: view.groups.map(({ name, entries }) => ({
    name,
    systems: entries.map((entry) => ({
      id: entry.id,
      name: entry.name,
      state: entry.state,
      downSince: entry.downSince?.toISOString() ?? null,
      checkedAt: entry.checkedAt?.toISOString() ?? null,
      uptime: entry.uptime,
      uptime30d: entry.uptime30d,
      days: entry.days,
    })),
  })),
  incidents: [...view.openIncidents, ...view.pastIncidents].map(incidentJson),
  maintenance: view.maintenance.map(({ startsAt, endsAt, isOpen, names }) => ({
    startsAt: startsAt.toISOString(),
    endsAt: endsAt.toISOString(),
    underWay: isOpen,
    systems: names,
  })),
});

const incidentJson = (incident: ShownIncident) => ({
  id: incident.id,
  title: incident.title,
  state: incident.state,
  startedAt: incident.startedAt.toISOString(),
  resolvedAt: incident.resolvedAt?.toISOString() ?? null,
  systems: incident.entries.map(({ name }) => name),
  updates: incident.updates.map(({ state, message, at }) => ({ state, message, at: at.toISOString() })),
});
