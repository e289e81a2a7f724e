import { formatSpan } from "../format.ts";
import { Time } from "./time.tsx";

interface ChangedRun {
  id: string;
  at: Date;
  runnerName: string | null;
}

interface ChangeRow {
  kind: string;
  sentence: string;
  details: string[];
  step?: { position: number; name: string } | undefined;
  who?: string | undefined;
  at?: Date | undefined;
  href?: string | undefined;
  isLikely: boolean;
}

export interface ChangesProps {
  /** What `loadRunChanges` or `loadMonitorChanges` found. */
  changes: {
    run: ChangedRun;
    lastPassed: (ChangedRun & { isSameRunner: boolean }) | null;
    firstFailed: ChangedRun | null;
    /** Most likely culprit first. */
    changes: ChangeRow[];
    limits: string[];
    passedElsewhere: { id: string; runnerName: string | null }[];
  };
  now: Date;
  /** On the page of that run its steps are below; elsewhere they are links to it. */
  place: "run" | "monitor";
}

const words: Readonly<Record<string, string>> = {
  request: "request",
  status: "answer",
  media_type: "answer",
  shape: "answer",
  redirect: "redirect",
  certificate: "certificate",
  address: "DNS",
  http_version: "protocol",
  latency: "speed",
  requests: "requests",
  runner_version: "runner version",
  instance: "machine",
};

/** What is different since the last run that passed, most likely culprit first. */
export function Changes({ changes: found, now, place }: ChangesProps) {
  const id = `changes-${place}`;
  return (
    <section class="panel changes" aria-labelledby={id}>
      <h2 id={id}>What changed since the last pass</h2>
      <Compared {...{ changes: found, now, place }} />
      {found.lastPassed && found.changes.length === 0 && (
        <p>
          Nothing that Sallyport can see changed: collection, environment, globals, settings, runner,
          certificates, addresses and answers are as they were.
        </p>
      )}
      {found.changes.length > 0 && (
        <ol class="plain change-list">
          {found.changes.map((change) => (
            <ChangeLine change={change} now={now} runHref={place === "run" ? "" : `/runs/${found.run.id}`} />
          ))}
        </ol>
      )}
      {found.limits.map((limit) => (
        <p class="dim">{limit}</p>
      ))}
    </section>
  );
}

function Compared({ changes: { run, lastPassed, firstFailed, passedElsewhere }, now, place }: ChangesProps) {
  if (!lastPassed) {
    return <p class="dim">No run of this monitor has passed before, so there is nothing to compare with.</p>;
  }
  const apart = formatSpan(Math.max(0, run.at.getTime() - lastPassed.at.getTime()));
  return (
    <>
      <p class="dim">
        {place === "monitor" && (
          <>
            {"It began with "}
            <a href={`/runs/${run.id}`}>
              the run of <Time at={run.at} now={now} show="absolute" />
            </a>
            {". "}
          </>
        )}
        {"Compared with "}
        <a href={`/runs/${lastPassed.id}`}>the run that passed {apart} before</a>
        {lastPassed.isSameRunner
          ? " on the same runner."
          : ` on ${lastPassed.runnerName ?? "another runner"}.`}
        {firstFailed && (
          <>
            {" The failing began with "}
            <a href={`/runs/${firstFailed.id}`}>
              the run of <Time at={firstFailed.at} now={now} show="absolute" />
            </a>
            .
          </>
        )}
      </p>
      {passedElsewhere.length > 0 && (
        <p>
          {"The same execution passed on "}
          {passedElsewhere.map((sibling, index) => (
            <>
              {index > 0 && ", "}
              <a href={`/runs/${sibling.id}`}>{sibling.runnerName ?? "another runner"}</a>
            </>
          ))}
          : look at this runner and its network first.
        </p>
      )}
    </>
  );
}

function ChangeLine({ change, now, runHref }: { change: ChangeRow; now: Date; runHref: string }) {
  const { sentence, step, who, at, href, details } = change;
  return (
    <li class={change.isLikely ? "likely" : undefined}>
      <span class="kind">{words[change.kind] ?? change.kind}</span>
      <div>
        <p>
          {change.isLikely && <strong class="likely-word">Likely: </strong>}
          {sentence}{" "}
          {(who !== undefined || at !== undefined) && (
            <span class="dim">
              {who}
              {who !== undefined && at !== undefined && ", "}
              {at && <Time at={at} now={now} />}{" "}
            </span>
          )}
          {href !== undefined && <a href={href}>See it</a>}
          {step && <a href={`${runHref}#step-${step.position}`}>See the step</a>}
        </p>
        {details.length > 0 && (
          <ul class="plain change-details">
            {details.map((line) => (
              <li>{line}</li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
