/** What is done to what, as far as the API and the pages do it; the trail may know more. */
const verbsOfNouns: Readonly<Record<string, readonly string[]>> = {
  api_key: ["created", "renamed", "revoked"],
  collection: ["created", "updated", "deleted", "forked", "merged", "pulled", "tagged"],
  comment: ["created", "updated", "deleted", "resolved"],
  environment: ["created", "updated", "deleted", "forked", "merged", "pulled"],
  globals: ["updated"],
  mock: ["created", "updated", "deleted", "published", "unpublished"],
  monitor: ["created", "updated", "deleted", "paused", "resumed"],
  pull_request: ["created", "updated", "approved", "unapproved", "declined", "merged"],
  runner: ["created", "updated", "deleted", "key_reset"],
  spec: ["created", "updated", "deleted"],
  user: ["created", "password_changed"],
  webhook: ["created", "deleted"],
  workspace: ["created", "updated", "deleted"],
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
