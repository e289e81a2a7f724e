import type { ShownIncident } from "../pages/status-view.ts";
import { formatInZone, incidentWords } from "./status-words.ts";

interface IncidentProps {
  incident: ShownIncident;
  timezone: string;
  /** Of its heading. */
  level?: 2 | 3;
}

/** An incident with all that was said about it, newest first. */
export function ShownIncidentCard({ incident, timezone, level = 3 }: IncidentProps) {
  const { id, title, state, startedAt, resolvedAt, entries, updates } = incident;
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <article id={`incident-${id}`} class={`incident ${incidentWords[state].tone}`}>
      <Heading>{title}</Heading>
      <p class="about">
        <StateMark {...incidentWords[state]} />
        {entries.length > 0 && <span>{entries.map(({ name }) => name).join(", ")}</span>}
        <span class="dim">
          <ZonedTime at={startedAt} timezone={timezone} />
          {resolvedAt && (
            <>
              {" to "}
              <ZonedTime at={resolvedAt} timezone={timezone} />
            </>
          )}
        </span>
      </p>
      <ol class="updates plain">
        {updates.map((update) => (
          <li>
            <p class="dim">
              <b>{incidentWords[update.state].word}</b> · <ZonedTime at={update.at} timezone={timezone} />
            </p>
            <p class="said">{update.message}</p>
          </li>
        ))}
      </ol>
    </article>
  );
}

/** An instant by the clocks of the page. */
export const ZonedTime = ({ at, timezone }: { at: Date; timezone: string }) => (
  <time datetime={at.toISOString()}>{formatInZone(at, timezone)}</time>
);

export const StateMark = ({ glyph, word, tone }: { glyph: string; word: string; tone: string }) => (
  <span class={`mark ${tone}`}>
    <span class="glyph" aria-hidden="true">
      {glyph}
    </span>
    <span class="word">{word}</span>
  </span>
);
