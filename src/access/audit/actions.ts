/** What is done to what, as far as the API and the pages do it; the trail may know more. */
const verbsOfNouns: Readonly<Record<string, readonly string[]>> = {
  alert_channel: ["created", "updated", "deleted"],
  alert_delivery: ["resent"],
  alert_rule: ["created", "updated", "deleted", "muted", "unmuted"],
  alert_summary: ["created", "deleted"],
  api_key: ["created", "renamed", "revoked"],
  collection: [
    "created",
    "updated",
    "deleted",
    "forked",
    "merged",
    "pulled",
    "restored",
    "spec_generated",
    "synchronized",
    "tagged",
    "transferred",
  ],
  collection_access_key: ["created", "deleted"],
  collection_run: ["reported"],
  comment: ["created", "updated", "deleted", "resolved"],
  discovered_services: ["reported"],
  environment: ["created", "updated", "deleted", "forked", "merged", "pulled", "restored", "transferred"],
  globals: ["updated"],
  maintenance: ["created", "updated", "deleted", "ended", "extended"],
  mock: ["created", "updated", "deleted", "published", "unpublished"],
  mock_server_response: ["created", "updated", "deleted"],
  monitor: ["created", "updated", "deleted", "paused", "resumed", "muted", "unmuted"],
  oauth_grant: ["created", "revoked"],
  pull_request: ["created", "updated"],
  runner: ["created", "updated", "deleted", "drained", "key_reset", "previous_key_revoked"],
  spec: [
    "created",
    "updated",
    "deleted",
    "collection_generated",
    "file_created",
    "file_deleted",
    "file_updated",
    "sync_options_updated",
    "synchronized",
    "tagged",
    "version_tagged",
  ],
  status_incident: ["created", "updated", "deleted"],
  status_page: ["created", "updated", "deleted"],
  system_environment: ["created", "updated", "deleted", "associated", "dissociated"],
  user: [
    "created",
    "updated",
    "deactivated",
    "reactivated",
    "invited",
    "invitation_revoked",
    "password_changed",
    "password_reset_made",
    "role_changed",
    "signed_in",
    "signed_out_everywhere",
  ],
  webhook: ["created", "updated", "deleted"],
  workspace: ["created", "updated", "deleted", "roles_changed", "tagged"],
  workspace_update: ["created", "updated", "deleted"],
};

const knownActions: readonly string[] = Object.entries(verbsOfNouns).flatMap(([noun, verbs]) =>
  verbs.map((verb) => `${noun}.${verb}`),
);

export interface AuditAction {
  name: string;
  displayName: string;
}

/** Those that are known and those that were recorded, by name. */
export const listActions = (recorded: readonly string[]): AuditAction[] =>
  [...new Set([...knownActions, ...recorded])]
    .toSorted()
    .map((name) => ({ name, displayName: displayNameOf(name) }));

/** `api_key.key_reset` reads "API key: key reset". */
export function displayNameOf(action: string): string {
  const [noun = "", ...rest] = action.replaceAll("_", " ").split(".");
  const thing = noun.replace(/^api\b/, "API");
  const verb = rest.join(" ");
  return `${thing.charAt(0).toUpperCase()}${thing.slice(1)}${verb === "" ? "" : `: ${verb}`}`;
}

/** Postman asks for `prefix.action_name`. */
export const isActionName = (text: string): boolean => /^[a-z][\w-]*(\.[a-z][\w-]*)+$/i.test(text);
