import type { ShownIncident, StatusView } from "../../web/pages/status-view.ts";
import { formatInZone, incidentWords } from "../../web/parts/status-words.ts";
import { escapeXml } from "./markup.ts";

interface Feed {
  page: StatusView["page"];
  incidents: readonly ShownIncident[];
  /** Without a slash at its end. */
  publicUrl: string;
  /** Of the page, for when there was no incident yet. */
  changedAt: Date;
}

/** Incidents as Atom (RFC 4287), newest first. */
export function incidentFeed({ page, incidents, publicUrl, changedAt }: Feed): string {
  const address = `${publicUrl}/status/${page.slug}`;
  const times = incidents.map(({ updatedAt }) => updatedAt.getTime());
  const updated = new Date(Math.max(changedAt.getTime(), ...times)).toISOString();
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<title>${escapeXml(page.title)}</title>`,
    `<id>${escapeXml(address)}</id>`,
    `<link rel="alternate" type="text/html" href="${escapeXml(address)}"/>`,
    `<link rel="self" type="application/atom+xml" href="${escapeXml(`${address}/feed.atom`)}"/>`,
    `<updated>${updated}</updated>`,
    `<author><name>${escapeXml(page.title)}</name></author>`,
    ...incidents.map((incident) => entryOf(incident, page.timezone, address)),
    "</feed>\n",
  ].join("\n");
}

function entryOf(incident: ShownIncident, timezone: string, address: string): string {
  const { id, title, state, startedAt, updatedAt, entries, updates } = incident;
  const about = entries.length === 0 ? "" : `<p>${escapeXml(entries.map(({ name }) => name).join(", "))}</p>`;
  const told = updates.map(
    (update) =>
      `<p><b>${incidentWords[update.state].word}</b> · ${formatInZone(update.at, timezone)}<br/>${escapeXml(update.message)}</p>`,
  );
  return [
    "<entry>",
    `<title>${escapeXml(`${title} (${incidentWords[state].word.toLowerCase()})`)}</title>`,
    `<id>urn:uuid:${id}</id>`,
    `<link rel="alternate" type="text/html" href="${escapeXml(`${address}/history#incident-${id}`)}"/>`,
    `<published>${startedAt.toISOString()}</published>`,
    `<updated>${updatedAt.toISOString()}</updated>`,
    `<content type="html">${escapeXml(about + told.join(""))}</content>`,
    "</entry>",
  ].join("\n");
}
