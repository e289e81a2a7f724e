import type { RunEvent } from "../engine/types.ts";

/** Fields with words of a closed list, numbers or ids: a secret that happens to be such a word must not break them. */
const fixedFields = new Set(["itemId", "status", "source", "level", "kind", "phase", "outcome", "reason"]);

/** Redacts secret values in every text of an event that could have come from a document, a script or a server. */
export function createEventRedactor(secrets: string[]): (event: RunEvent) => RunEvent {
  const redactText = createRedactor(secrets);
  const redact = (value: unknown): unknown => {
    if (typeof value === "string") return redactText(value);
    if (Array.isArray(value)) return value.map(redact);
    if (typeof value === "object" && value !== null) return redactFields(value);
    return value;
  };
  const redactFields = (fields: object): object =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, isFixed(key, value) ? value : redact(value)]),
    );
  return ({ seq, type, ...rest }) =>
    // Only texts change: the shape stays that of the event that went in.
    ({ seq, type, ...redactFields(rest) }) as RunEvent;
}

// The reason phrase of a response is called `status` as well, but comes from a server.
const isFixed = (key: string, value: unknown): boolean =>
  fixedFields.has(key) && typeof value === "string" && /^[a-z_0-9-]+$/.test(value);

function createRedactor(secrets: string[]): (text: string) => string {
  return (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}
