/** Rules of runners and their instances; no IO. */

/** `Unknown`: no instance was ever seen. `Healthy`: one was, at most `HEALTHY_SECONDS` ago. Else `Unhealthy`. */
export type Health = "Healthy" | "Unhealthy" | "Unknown";

/** Three missed polls or heartbeats, with room for a slow network. An instance that works or waits is never silent so long. */
export const HEALTHY_SECONDS = 90;

/** `silentSeconds`: since the last sign of life of any instance, by the database's clock; null = never. */
export function healthOf(silentSeconds: number | null): Health {
  if (silentSeconds === null) return "Unknown";
  return silentSeconds <= HEALTHY_SECONDS ? "Healthy" : "Unhealthy";
}

/** The command that starts an instance; every part is free of characters that a shell would change. */
export const startCommand = (publicUrl: string, id: string, key: string): string =>
  `app runner start --server ${publicUrl} --id ${id} --key ${key}`;

/** A runner as the protocol sees it: who calls, and which workspaces' runs it may get. */
export interface RunnerIdentity {
  id: string;
  name: string;
  /** Null = every workspace. */
  workspaceIds: ReadonlySet<string> | null;
}
