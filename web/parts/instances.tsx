import { formatBytes, formatDuration, formatPercent } from "../format.ts";
import type { Shell } from "../layout.tsx";
import { EmptyState } from "./empty-state.tsx";
import { ActionButton } from "./form.tsx";
import { StatusMark } from "./status-mark.tsx";
import { Time } from "./time.tsx";

export interface InstanceRow {
  id: string;
  hostname: string;
  version: string;
  /** Older than the control plane. */
  isOutdated: boolean;
  osType: string;
  concurrency: number;
  running: number;
  startedAt: Date;
  lastPingedAt: Date;
  clockSkewMs: number;
  /** Of its processors, 0 to 1; null = it does not tell. */
  cpuShare: number | null;
  memoryBytes: number | null;
  healthy: boolean;
  /** With which of the runner's keys it was started. */
  key: "current" | "previous" | "ended" | "unknown";
  isDraining: boolean;
  /** One sentence; null = it passed, or has none. */
  selfTestFailure: string | null;
}

interface InstancesProps {
  shell: Shell;
  runnerId: string;
  instances: InstanceRow[];
}

/** The processes of a runner, and what each of them wants from a person. */
export function Instances({ shell, runnerId, instances }: InstancesProps) {
  const { now } = shell;
  if (instances.length === 0) {
    return (
      <EmptyState title="No instance is connected">
        Start the runner in its network with the command below. If the key is lost, reset it: you get a new
        command.
      </EmptyState>
    );
  }
  return (
    <section aria-labelledby="instances-heading">
      <div class="panel-head">
        <h2 id="instances-heading">Instances</h2>
        {shell.user.isAdmin && instances.some((instance) => !instance.isDraining) && (
          <ActionButton action={`/runners/${runnerId}/drain`} csrfToken={shell.csrfToken} label="Drain all" />
        )}
      </div>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Health</th>
            <th scope="col">Host</th>
            <th scope="col">Last heartbeat</th>
            <th scope="col">Started</th>
            <th scope="col" class="number">
              Busy
            </th>
            <th scope="col" class="number">
              CPU
            </th>
            <th scope="col" class="number">
              Memory
            </th>
            <th scope="col">Version</th>
            <th scope="col" class="number">
              Clock
            </th>
            {shell.user.isAdmin && (
              <th scope="col">
                <span class="visually-hidden">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {instances.map((instance) => (
            <tr id={`instance-${instance.id}`}>
              <td class="state">
                <StatusMark status={instance.healthy ? "healthy" : "unhealthy"} />
              </td>
              <td class="name">
                {instance.hostname}
                <Remarks instance={instance} />
              </td>
              <td data-label="Last heartbeat">
                <Time at={instance.lastPingedAt} now={now} />
              </td>
              <td data-label="Started">
                <Time at={instance.startedAt} now={now} />
              </td>
              <td class="number" data-label="Busy">
                {instance.running}/{instance.concurrency}
              </td>
              <td class="number" data-label="CPU">
                {instance.cpuShare === null ? "unknown" : formatPercent(instance.cpuShare)}
              </td>
              <td class="number" data-label="Memory">
                {instance.memoryBytes === null ? "unknown" : formatBytes(instance.memoryBytes)}
              </td>
              <td data-label="Version">
                {instance.version} <span class="dim">{instance.osType}</span>
                {instance.isOutdated && <span class="sub warn-text">! older than the control plane</span>}
              </td>
              <td class="number" data-label="Clock">
                {describeSkew(instance.clockSkewMs)}
              </td>
              {shell.user.isAdmin && (
                <td>
                  {!instance.isDraining && (
                    <ActionButton
                      action={`/runners/${runnerId}/instances/${instance.id}/drain`}
                      csrfToken={shell.csrfToken}
                      label="Drain"
                    />
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Remarks({ instance }: { instance: InstanceRow }) {
  return (
    <>
      {instance.isDraining && <span class="sub">draining: finishes its runs, then ends</span>}
      {instance.key === "previous" && <span class="sub">started with the old key</span>}
      {instance.key === "ended" && <span class="sub alarm">started with a key that has ended</span>}
      {instance.selfTestFailure !== null && (
        <span class="sub alarm">self-test failed: {instance.selfTestFailure}</span>
      )}
    </>
  );
}

function describeSkew(skewMs: number): string {
  if (Math.abs(skewMs) < 1000) return "in step";
  return `${formatDuration(Math.abs(skewMs))} ${skewMs > 0 ? "ahead" : "behind"}`;
}
