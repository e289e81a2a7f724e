import { formatDuration } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import {
  ActionButton,
  Field,
  Form,
  FormMessage,
  TextField,
  control,
  type FormErrors,
} from "../parts/form.tsx";
import { StatusMark } from "../parts/status-mark.tsx";
import { Time } from "../parts/time.tsx";
import type { RunnerRow } from "./runners.tsx";

export interface InstanceRow {
  id: string;
  hostname: string;
  version: string;
  osType: string;
  concurrency: number;
  running: number;
  startedAt: Date;
  lastPingedAt: Date;
  clockSkewMs: number;
  healthy: boolean;
}

export interface RunnerProps {
  shell: Shell;
  runner: RunnerRow & { workspaceNames: string[]; createdAt: Date };
  instances: InstanceRow[];
  monitors: { id: string; name: string }[];
  currentRuns: { id: string; monitorName: string; startedAt: Date | null }[];
}

export const runnerPage = (props: RunnerProps) => page(<RunnerPage {...props} />);

function RunnerPage(props: RunnerProps) {
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
        <div class="actions">
          <ActionButton
            action={`/runners/${runner.id}/reset-key`}
            csrfToken={shell.csrfToken}
            label="Reset key"
          />
          <a class="button danger" href={`/runners/${runner.id}/delete`}>
            Delete
          </a>
        </div>
      </div>
      <RunnerRegion {...props} />
    </Layout>
  );
}

/** Health, instances and work of one runner; refreshed in place. */
export function RunnerRegion({ shell, runner, instances, monitors, currentRuns }: RunnerProps) {
  return (
    <div id="runner" hx-get={`/runners/${runner.id}`} hx-trigger="every 5s" hx-swap="outerMorph">
      <p class="summary">
        <StatusMark status={runner.health} />
        <span>
          {" last ping "}
          <Time at={runner.lastPingedAt} now={shell.now} />
        </span>
        <span class="dim">
          {runner.visibility === "all"
            ? "visible to all workspaces"
            : `visible to ${runner.workspaceNames.join(", ") || "no workspace"}`}
        </span>
      </p>
      {runner.description !== "" && <p>{runner.description}</p>}
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
          <dt>Monitors</dt>
          <dd>{monitors.length}</dd>
        </div>
      </dl>
      <Instances instances={instances} now={shell.now} />
      {currentRuns.length > 0 && (
        <section aria-labelledby="current-heading">
          <h2 id="current-heading">Running now</h2>
          <ul class="links">
            {currentRuns.map((run) => (
              <li>
                <StatusMark status="running" /> <a href={`/runs/${run.id}`}>{run.monitorName}</a>{" "}
                <Time at={run.startedAt} now={shell.now} otherwise="" />
              </li>
            ))}
          </ul>
        </section>
      )}
      {monitors.length > 0 && (
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
      )}
    </div>
  );
}

function Instances({ instances, now }: { instances: InstanceRow[]; now: Date }) {
  if (instances.length === 0) {
    return (
      <EmptyState title="No instance is connected">
        Start the runner in its network with the command that was shown when it was created. If the key is
        lost, reset it: you get a new command.
      </EmptyState>
    );
  }
  return (
    <section aria-labelledby="instances-heading">
      <h2 id="instances-heading">Instances</h2>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Health</th>
            <th scope="col">Host</th>
            <th scope="col">Last ping</th>
            <th scope="col">Started</th>
            <th scope="col" class="number">
              Busy
            </th>
            <th scope="col">Version</th>
            <th scope="col" class="number">
              Clock
            </th>
          </tr>
        </thead>
        <tbody>
          {instances.map((instance) => (
            <tr id={`instance-${instance.id}`}>
              <td class="state">
                <StatusMark status={instance.healthy ? "healthy" : "unhealthy"} />
              </td>
              <td class="name">{instance.hostname}</td>
              <td data-label="Last ping">
                <Time at={instance.lastPingedAt} now={now} />
              </td>
              <td data-label="Started">
                <Time at={instance.startedAt} now={now} />
              </td>
              <td class="number" data-label="Busy">
                {instance.running}/{instance.concurrency}
              </td>
              <td data-label="Version">
                {instance.version} <span class="dim">{instance.osType}</span>
              </td>
              <td class="number" data-label="Clock">
                {describeSkew(instance.clockSkewMs)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function describeSkew(skewMs: number): string {
  if (Math.abs(skewMs) < 1000) return "in step";
  return `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? "ahead" : "behind"}`;
}

export interface NewRunnerProps {
  shell: Shell;
  values: { name: string; description: string; visibility: "all" | "selected"; workspaceIds: string[] };
  errors?: FormErrors;
}

export const newRunnerPage = ({ shell, values, errors }: NewRunnerProps) =>
  page(
    <Layout title="New runner" shell={shell} section="runners">
      <p class="crumbs">
        <a href="/runners">Runners</a>
      </p>
      <h1>New runner</h1>
      <Form action="/runners" csrfToken={shell.csrfToken} class="form">
        <FormMessage errors={errors} />
        <TextField
          name="name"
          label="Name"
          value={values.name}
          errors={errors}
          required
          hint="Where it stands, e.g. “Berlin datacenter”."
        />
        <TextField name="description" label="Description" value={values.description} errors={errors} />
        <Field name="visibility" label="Visible to" errors={errors}>
          <select {...control("visibility", errors)}>
            <option value="all" selected={values.visibility === "all"}>
              All workspaces
            </option>
            <option value="selected" selected={values.visibility === "selected"}>
              Selected workspaces
            </option>
          </select>
        </Field>
        <fieldset>
          <legend>Workspaces, when selected</legend>
          {shell.workspaces.map((workspace) => (
            <label class="check">
              <input
                type="checkbox"
                name="workspaces"
                value={workspace.id}
                checked={values.workspaceIds.includes(workspace.id)}
              />
              {workspace.name}
            </label>
          ))}
        </fieldset>
        <div class="actions">
          <button type="submit" class="button primary">
            Create runner
          </button>
          <a class="button" href="/runners">
            Cancel
          </a>
        </div>
      </Form>
    </Layout>,
  );

export interface RunnerKeyProps {
  shell: Shell;
  runner: { id: string; name: string };
  startCommand: string;
  wasReset: boolean;
}

/** The only page that shows the key; it is rendered by the POST itself and never stored. */
export const runnerKeyPage = ({ shell, runner, startCommand, wasReset }: RunnerKeyProps) =>
  page(
    <Layout title={runner.name} shell={shell} section="runners">
      <p class="crumbs">
        <a href="/runners">Runners</a> / <a href={`/runners/${runner.id}`}>{runner.name}</a>
      </p>
      <h1>{wasReset ? `${runner.name} has a new key` : `${runner.name} is ready to start`}</h1>
      <StartCommand startCommand={startCommand} wasReset={wasReset} />
      <p class="actions">
        <a class="button primary" href={`/runners/${runner.id}`}>
          I have copied it
        </a>
      </p>
    </Layout>,
  );

export function StartCommand({ startCommand, wasReset }: { startCommand: string; wasReset?: boolean }) {
  return (
    <>
      <p class="notice warn">
        This is shown once: the key in it is not stored.
        {wasReset && " Instances with the old key stop at their next call."}
      </p>
      <p>Run this on the machine in the closed network. It needs outbound HTTP to this control plane only.</p>
      <CopyBox id="start-command" text={startCommand} label="Start command" />
    </>
  );
}
