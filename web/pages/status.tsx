import type { Child } from "hono/jsx";

import { assetUrl } from "../embed.ts";
import { formatPercent } from "../format.ts";
import { page } from "../layout.tsx";
import { DayBars } from "../parts/day-bars.tsx";
import { ShownIncidentCard, StateMark, ZonedTime } from "../parts/status-incidents.tsx";
import { entryWords, formatInZone } from "../parts/status-words.ts";
import type {
  ShownIncident,
  ShownMaintenance,
  StatusEntry,
  StatusGroup,
  StatusView,
  Verdict,
} from "./status-view.ts";

/** The page that people see who want to know whether it works; they may be strangers. */
export const statusPage = (view: StatusView) =>
  page(
    <StatusLayout title={view.page.title} view={view}>
      <header class="status-head">
        <h1>{view.page.title}</h1>
        {view.page.description !== "" && <p class="prose dim">{view.page.description}</p>}
      </header>
      <StatusRegion {...view} />
    </StatusLayout>,
  );

/** All that changes; asked for again every minute. */
export function StatusRegion(view: StatusView) {
  const { page: shown, verdict, groups, openIncidents, pastIncidents, maintenance, asOf } = view;
  const { slug, timezone } = shown;
  return (
    <div id="status" hx-get={`/status/${slug}`} hx-trigger="every 60s" hx-swap="outerMorph">
      <VerdictLine verdict={verdict} />
      {openIncidents.length > 0 && (
        <section aria-labelledby="open-heading">
          <h2 id="open-heading">Open incidents</h2>
          {openIncidents.map((incident) => (
            <ShownIncidentCard incident={incident} timezone={timezone} />
          ))}
        </section>
      )}
      <Announcements maintenance={maintenance} timezone={timezone} />
      {groups.map((group) => (
        <Group group={group} timezone={timezone} />
      ))}
      {groups.length > 0 && <Legend />}
      <Past incidents={pastIncidents} timezone={timezone} slug={slug} />
      <p class="as-of dim">
        As of {formatInZone(asOf, timezone)} · <a href={`/status/${slug}`}>Refresh</a>
      </p>
    </div>
  );
}

const verdictGlyphs: Record<Verdict["tone"], string> = {
  pass: "✓",
  fail: "✕",
  warn: "!",
  live: "◷",
  mute: "?",
};

const VerdictLine = ({ verdict }: { verdict: Verdict }) => (
  <p class={`status-verdict ${verdict.tone}`} role="status">
    <span class="glyph" aria-hidden="true">
      {verdictGlyphs[verdict.tone]}
    </span>
    {verdict.sentence}
  </p>
);

function Announcements({ maintenance, timezone }: { maintenance: ShownMaintenance[]; timezone: string }) {
  if (maintenance.length === 0) return null;
  return (
    <section aria-labelledby="maintenance-heading">
      <h2 id="maintenance-heading">Maintenance</h2>
      {maintenance.map(({ startsAt, endsAt, isOpen, names }) => (
        <div class="incident live">
          <p>
            <b>{isOpen ? "Under way" : "Planned"}</b> · <ZonedTime at={startsAt} timezone={timezone} />
            {" to "}
            <ZonedTime at={endsAt} timezone={timezone} />
          </p>
          <p>{names.join(", ")}</p>
        </div>
      ))}
    </section>
  );
}

function Group({ group, timezone }: { group: StatusGroup; timezone: string }) {
  const list = (
    <ul class="entries plain">
      {group.entries.map((entry) => (
        <Entry entry={entry} timezone={timezone} level={group.name === "" ? 2 : 3} />
      ))}
    </ul>
  );
  if (group.name === "") return list;
  return (
    <section class="status-group">
      <h2>{group.name}</h2>
      {list}
    </section>
  );
}

function Entry({ entry, timezone, level }: { entry: StatusEntry; timezone: string; level: 2 | 3 }) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <li id={`entry-${entry.id}`}>
      <div class="entry-head">
        <Heading>{entry.name}</Heading>
        <StateMark {...entryWords[entry.state]} />
      </div>
      <DayBars days={entry.days} name={entry.name} />
      <p class="entry-foot dim">
        <span class="wide-only">{entry.days.length} days ago</span>
        <span class="narrow-only">{Math.floor(entry.days.length / 2)} days ago</span>
        <span class="uptime">
          {entry.uptime === null
            ? "no uptime known yet"
            : `${formatPercent(entry.uptime)} uptime in ${entry.days.length} days`}
        </span>
        <span>today</span>
      </p>
      {entry.downSince && (
        <p class="down-since">
          Down since <ZonedTime at={entry.downSince} timezone={timezone} />
        </p>
      )}
    </li>
  );
}

/** Each sign with its meaning, drawn as the bars are. */
const Legend = () => (
  <ul class="day-legend plain dim" aria-label="What the bars mean">
    <li>
      <i class="swatch passed" /> no failures
    </li>
    <li>
      <i class="swatch disturbed" /> some failures (!)
    </li>
    <li>
      <i class="swatch failed" /> failures (✕)
    </li>
    <li>
      <i class="swatch maintenance" /> maintenance
    </li>
    <li>
      <i class="swatch none" /> no checks, or checks that could not tell
    </li>
  </ul>
);

function Past({ incidents, timezone, slug }: { incidents: ShownIncident[]; timezone: string; slug: string }) {
  return (
    <section aria-labelledby="past-heading">
      <h2 id="past-heading">Past incidents</h2>
      {incidents.length === 0 && <p class="dim">None in the last two weeks.</p>}
      {incidents.map((incident) => (
        <ShownIncidentCard incident={incident} timezone={timezone} />
      ))}
      <p class="links-line">
        <a href={`/status/${slug}/history`}>All incidents</a>
        <a href={`/status/${slug}/feed.atom`}>Feed (Atom)</a>
        <a href={`/status/${slug}.json`}>JSON</a>
      </p>
    </section>
  );
}

interface StatusLayoutProps {
  title: string;
  view: Pick<StatusView, "page">;
  children: Child;
}

/** The document around it: nothing of the program, so that nobody takes it for a way in. */
export function StatusLayout({ title, view: { page: shown }, children }: StatusLayoutProps) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        {!shown.isIndexed && <meta name="robots" content="noindex" />}
        <meta
          name="htmx-config"
          content='{"noSwap":[204,304,"4xx","5xx"],"history":false,"defaultTimeout":15000}'
        />
        <link rel="icon" href={assetUrl("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={assetUrl("app.css")} />
        <link
          rel="alternate"
          type="application/atom+xml"
          title="Incidents"
          href={`/status/${shown.slug}/feed.atom`}
        />
        <script src={assetUrl("htmx.js")} defer />
        <script src={assetUrl("app.js")} defer />
      </head>
      <body class="status-body">
        <a class="skip" href="#main">
          Skip to content
        </a>
        <main id="main" tabindex={-1} class="status-page">
          {children}
        </main>
        <p class="stale" role="status">
          The status page does not answer. What you see may be old; this page keeps trying.
        </p>
      </body>
    </html>
  );
}
