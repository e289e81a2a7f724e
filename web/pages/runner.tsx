import { formatSpan, plural } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { ActionButton } from "../parts/form.tsx";
import { type InstanceRow, Instances } from "../parts/instances.tsx";
import { RunnerLoad, type RunnerLoadProps } from "../parts/runner-load.tsx";
import { RunnerWork, type RunOfRunner } from "../parts/runner-work.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";
import { type RunnerRow, Versions } from "./runners.tsx";

export interface RunnerProps {
  shell: Shell;
  runner: RunnerRow & { workspaceNames: string[]; createdAt: Date };
  instances: InstanceRow[];
  monitors: { id: string; name: string }[];
  currentRuns: RunOfRunner[];
  waitingRuns: RunOfRunner[];
}

export type RunnerPageProps = RunnerProps &
  Pick<RunnerLoadProps, "range" | "load"> & {
    /** Asks for the key when it is run. */
    startCommand: string;
  };

export const runnerPage = (props: RunnerPageProps) => page(<RunnerPage {...props} />);

function RunnerPage(props: RunnerPageProps) {
  const { shell, runner } = props;
  return (
    <Layout title={runner.name} shell={shell} section="runners">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/runners">Runners</a>
          </p>
          <h1>{runner.name}</h1>
        </div>
        {shell.user.isAdmin && (
          <div class="actions">
            <a class="button" href={`/runners/${runner.id}/edit`}>
              Edit
            </a>
            <a class="button" href={`/runners/${runner.id}/reset-key`}>
              Reset key
            </a>
            <a class="button danger" href={`/runners/${runner.id}/delete`}>
              Delete
            </a>
          </div>
        )}
      </div>
      <RunnerRegion {...props} />
      <RunnerLoad shell={shell} runnerId={runner.id} range={props.range} load={props.load} />
      <Monitors monitors={props.monitors} />
      <Start {...props} />
    </Layout>
  );
}

/** Health, instances and work of one runner; refreshed in place. */
export function RunnerRegion({ shell, runner, instances, monitors, ...work }: RunnerProps) {
  return (
    <div id="runner" hx-get={`/runners/${runner.id}`} hx-trigger="every 5s" hx-swap="outerMorph">
      <p class="summary">
        <StatusMark status={runner.health} />
        <span>
          {" last seen "}
          <Time at={runner.lastPingedAt} now={shell.now} />
        </span>
        <span class="dim">
          {runner.visibility === "all"
            ? "visible to all workspaces"
            : `visible to ${runner.workspaceNames.join(", ") || "no workspace"}`}
        </span>
      </p>
      {runner.description !== "" && <p>{runner.description}</p>}
      <PreviousKey shell={shell} runner={runner} instances={instances} />
      <dl class="tiles">
        <div>
          <dt>Instances</dt>
          <dd>{runner.instances}</dd>
        </div>
        <div>
          <dt>Busy</dt>
          <dd>{runner.instances === 0 ? "–" : `${runner.running}/${runner.concurrency}`}</dd>
        </div>
        <div>
          <dt>Queue</dt>
          <dd>{runner.queued}</dd>
        </div>
        <div>
          <dt>Oldest in queue</dt>
          <dd>{runner.queued === 0 ? "–" : formatSpan(runner.oldestQueuedSeconds * 1000)}</dd>
        </div>
        <div>
          <dt>Monitors</dt>
          <dd>{monitors.length}</dd>
        </div>
        <div>
          <dt>Version</dt>
          <dd>
            <Versions {...runner} />
          </dd>
        </div>
      </dl>
      <Instances runnerId={runner.id} instances={instances} shell={shell} />
      <RunnerWork shell={shell} queued={runner.queued} {...work} />
    </div>
  );
}

function Monitors({ monitors }: Pick<RunnerProps, "monitors">) {
  if (monitors.length === 0) return null;
  return (
    <section aria-labelledby="monitors-heading">
      <h2 id="monitors-heading">Monitors on this runner</h2>
      <ul class="links">
        {monitors.map((monitor) => (
          <li>
            <a href={`/monitors/${monitor.id}`}>{monitor.name}</a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** How one more instance comes to be. */
function Start({ shell, runner, startCommand }: RunnerPageProps) {
  return (
    <section aria-labelledby="start-heading">
      <h2 id="start-heading">Start an instance</h2>
      <p>
        Each process that is started with the key of this runner is an instance: more instances, more runs at
        a time. <a href="/runners/programs">Download the program</a> for the machine, then run there:
      </p>
      <CopyBox id="start-command" text={startCommand} label="Start command" />
      <p class="dim">
        It asks for the key, which was shown when the runner was made and is not stored.
        {shell.user.isAdmin && (
          <>
            {" "}
            If it is lost, <a href={`/runners/${runner.id}/reset-key`}>reset it</a>.
          </>
        )}
      </p>
    </section>
  );
}

/** While two keys are live: until when the old one works, and who would be cut off. */
function PreviousKey({ shell, runner, instances }: Pick<RunnerProps, "shell" | "runner" | "instances">) {
  const { previousKey } = runner;
  if (!previousKey) return null;
  const hosts = instances.filter((instance) => instance.key === "previous").map(({ hostname }) => hostname);
  return (
    <div class="notice warn">
      <p>
        The key before the last reset works until{" "}
        <Time at={previousKey.expiresAt} now={shell.now} show="both" />.{" "}
        {hosts.length === 0
          ? "No instance uses it any more: it can be ended."
          : `${plural(hosts.length, "instance")} still use${hosts.length === 1 ? "s" : ""} it: ${hosts.join(", ")}. Start ${hosts.length === 1 ? "it" : "them"} again with the new key before then.`}
      </p>
      {shell.user.isAdmin && (
        <ActionButton
          action={`/runners/${runner.id}/revoke-previous-key`}
          csrfToken={shell.csrfToken}
          label="End the old key now"
        />
      )}
    </div>
  );
}
