import initial from "./0001_initial.sql" with { type: "text" };
import signInAttempts from "./0002_sign_in_attempts.sql" with { type: "text" };
import fleet from "./0003_fleet.sql" with { type: "text" };
import globals from "./0004_globals.sql" with { type: "text" };
import workspaceMembers from "./0005_workspace_members.sql" with { type: "text" };
import people from "./0006_people.sql" with { type: "text" };
import keysAuditLimits from "./0007_keys_audit_limits.sql" with { type: "text" };
import tasks from "./0008_tasks.sql" with { type: "text" };
import forksComments from "./0009_forks_comments.sql" with { type: "text" };
import mocksWebhooks from "./0010_mocks_webhooks.sql" with { type: "text" };
import specs from "./0011_specs.sql" with { type: "text" };
import oauth from "./0012_oauth.sql" with { type: "text" };
import catalog from "./0013_catalog.sql" with { type: "text" };
import revisions from "./0014_revisions.sql" with { type: "text" };
import results from "./0015_results.sql" with { type: "text" };
import statistics from "./0016_statistics.sql" with { type: "text" };
import alerts from "./0017_alerts.sql" with { type: "text" };
import maintenance from "./0018_maintenance.sql" with { type: "text" };
import statusPages from "./0019_status_pages.sql" with { type: "text" };
import fleetHistory from "./0020_fleet_history.sql" with { type: "text" };
import monitorFolders from "./0021_monitor_folders.sql" with { type: "text" };
import changes from "./0022_changes.sql" with { type: "text" };
import stepHeads from "./0023_step_heads.sql" with { type: "text" };
import instanceUsage from "./0024_instance_usage.sql" with { type: "text" };
import slotGaps from "./0025_slot_gaps.sql" with { type: "text" };

export interface Migration {
  /** File name without its ending; sorts in the order of application. */
  id: string;
  sql: string;
}

/** Every file of this folder, in order; listed by hand because a compiled binary has no folder to read. */
export const migrations: readonly Migration[] = [
  { id: "0001_initial", sql: initial },
  { id: "0002_sign_in_attempts", sql: signInAttempts },
  { id: "0003_fleet", sql: fleet },
  { id: "0004_globals", sql: globals },
  { id: "0005_workspace_members", sql: workspaceMembers },
  { id: "0006_people", sql: people },
  { id: "0007_keys_audit_limits", sql: keysAuditLimits },
  { id: "0008_tasks", sql: tasks },
  { id: "0009_forks_comments", sql: forksComments },
  { id: "0010_mocks_webhooks", sql: mocksWebhooks },
  { id: "0011_specs", sql: specs },
  { id: "0012_oauth", sql: oauth },
  { id: "0013_catalog", sql: catalog },
  { id: "0014_revisions", sql: revisions },
  { id: "0015_results", sql: results },
  { id: "0016_statistics", sql: statistics },
  { id: "0017_alerts", sql: alerts },
  { id: "0018_maintenance", sql: maintenance },
  { id: "0019_status_pages", sql: statusPages },
  { id: "0020_fleet_history", sql: fleetHistory },
  { id: "0021_monitor_folders", sql: monitorFolders },
  { id: "0022_changes", sql: changes },
  { id: "0023_step_heads", sql: stepHeads },
  { id: "0024_instance_usage", sql: instanceUsage },
  { id: "0025_slot_gaps", sql: slotGaps },
];
