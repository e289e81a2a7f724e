import type { Child } from "hono/jsx";

import { formatDuration } from "../format.ts";
import { type Status, StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

export interface NearbyRun {
  id: string;
  at: Date;
}

export interface RunFactsProps {
  now: Date;
  run: {
    id: string;
    attempt: number;
    queuedAt: Date;
    claimedAt: Date | null;
    durationMs: number | null;
    requestsTotal: number;
    requestsFailed: number;
    assertionsTotal: number;
    assertionsFailed: number;
  };
  slotAt: Date | null;
  trigger: string;
  runner: { id: string; name: string; hostname?: string | undefined } | null;
  collectionName: string;
  environmentName?: string | undefined;
  /** There were attempts before, and they are listed. */
  hasAttempts: boolean;
}

/** When, where and with what. */
export function RunFacts({ now, run, ...props }: RunFactsProps) {
  const queueMs =
    run.claimedAt === null ? null : run.claimedAt.getTime() - (props.slotAt ?? run.queuedAt).getTime();
  return (
    <dl class="facts">
      <Fact name={props.slotAt ? "Scheduled for" : "Started"}>
        <Time at={props.slotAt ?? run.queuedAt} now={now} show="both" />
      </Fact>
      <Fact name="Trigger">{props.trigger}</Fact>
      <Fact name="Waited">{queueMs === null ? "–" : formatDuration(Math.max(0, queueMs))}</Fact>
      <Fact name="Duration">{formatDuration(run.durationMs)}</Fact>
      <Fact name="Runner">
        {props.runner ? (
          <>
            <a href={`/runners/${props.runner.id}`}>{props.runner.name}</a>
            {props.runner.hostname && <span class="dim"> on {props.runner.hostname}</span>}
          </>
        ) : (
          <span class="dim">none yet</span>
        )}
      </Fact>
      {run.attempt > 1 && !props.hasAttempts && <Fact name="Attempt">{String(run.attempt)}</Fact>}
      <Fact name="Collection">
        {props.collectionName}
        {props.environmentName && <span class="dim"> with {props.environmentName}</span>}
      </Fact>
      <Fact name="Requests">
        {run.requestsFailed > 0
          ? `${run.requestsTotal} (${run.requestsFailed} failed)`
          : String(run.requestsTotal)}
      </Fact>
      <Fact name="Assertions">
        {`${run.assertionsTotal - run.assertionsFailed}/${run.assertionsTotal} passed`}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: Child }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export interface AroundProps {
  now: Date;
  /** Other runs of the same execution. */
  siblings: { id: string; runnerName: string; status: Status }[];
  previous: NearbyRun | null;
  next: NearbyRun | null;
  /** The last one before this that passed. */
  lastPassed: NearbyRun | null;
  hasPassed: boolean;
}

/** The same execution elsewhere, and the runs before and after. */
export function RunsAround({ now, siblings, previous, next, lastPassed, hasPassed }: AroundProps) {
  return (
    <>
      {siblings.length > 0 && (
        <p class="siblings">
          <span class="dim">The same execution elsewhere:</span>
          {siblings.map((sibling) => (
            <a href={`/runs/${sibling.id}`}>
              {sibling.runnerName} <StatusMark status={sibling.status} />
            </a>
          ))}
        </p>
      )}
      {(previous ?? next ?? lastPassed) && (
        <nav class="siblings" aria-label="Other runs of this monitor">
          {previous && (
            <a href={`/runs/${previous.id}`} rel="prev">
              ← Previous run
            </a>
          )}
          {next && (
            <a href={`/runs/${next.id}`} rel="next">
              Next run →
            </a>
          )}
          {!hasPassed && lastPassed && (
            <span>
              Last passed <Time at={lastPassed.at} now={now} />:{" "}
              <a href={`/runs/${lastPassed.id}`}>the run that passed</a>
            </span>
          )}
        </nav>
      )}
    </>
  );
}
