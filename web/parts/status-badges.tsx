import { CopyBox } from "./copy-box.tsx";

interface BadgesProps {
  /** Monitors on the page; the id is null until one is saved. */
  entries: { id: string | null; shownName: string }[];
  /** Of the page, where strangers read it. */
  address: string;
}

/** What can be put elsewhere to show how a page or one of its monitors is. */
export function Badges({ entries, address }: BadgesProps) {
  return (
    <details class="panel badges">
      <summary>Badges, feed and JSON</summary>
      <p class="dim">
        For a README or a wiki: pictures that show how the page or one monitor is. Those of a private page are
        seen by people who have signed in only.
      </p>
      <CopyBox id="badge-page" text={`${address}/badge.svg`} label="Badge of the page" />
      <CopyBox id="feed" text={`${address}/feed.atom`} label="Feed of incidents" />
      <CopyBox id="json" text={`${address}.json`} label="Status as JSON" />
      {entries
        .filter(({ id }) => id !== null)
        .map(({ id, shownName }) => (
          <>
            <h3>{shownName}</h3>
            <CopyBox id={`badge-${id}`} text={`${address}/badge/${id}.svg`} label={`Badge of ${shownName}`} />
          </>
        ))}
    </details>
  );
}
