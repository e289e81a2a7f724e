import { z } from "zod";

import { createRedactor, type Secret } from "../engine/redact.ts";
import type { RunEvent, RunInput } from "../engine/types.ts";

/** Fields with words of a closed list, numbers or ids: a secret that happens to be such a word must not break them. */
const fixedFields = new Set(["itemId", "status", "source", "level", "kind", "phase", "outcome", "reason"]);

/** Redacts secret values in every text of a document. Short ones stay, as in events. */
export function createDocumentRedactor(secrets: Secret[]): <T>(document: T) => T {
  const redactText = createRedactor(secrets);
  const redact = (value: unknown): unknown => {
    if (typeof value === "string") return redactText(value);
    if (Array.isArray(value)) return value.map(redact);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, redact(entry)]));
  };
  if (secrets.length === 0) return (document) => document;
  // Only texts change: the shape stays that of the document that went in.
  return <T>(document: T) => redact(document) as T;
}

/** Redacts secret values in every text of an event that could have come from a document, a script or a server. */
export function createEventRedactor(secrets: Secret[]): (event: RunEvent) => RunEvent {
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

const secretVariable = z.looseObject({
  key: z.string(),
  type: z.literal("secret"),
  value: z.union([z.string(), z.number()]).transform(String),
});

/** Values of secret variables, of every scope and switched off or not. */
export function secretsOf({ environment, globals, collection }: RunInput): Secret[] {
  const ofCollection: unknown = collection["variable"];
  const variables: unknown[] = [
    ...(environment?.values ?? []),
    ...(globals?.values ?? []),
    ...(Array.isArray(ofCollection) ? ofCollection : []),
  ];
  return variables
    .map((variable) => secretVariable.safeParse(variable))
    .flatMap((parsed) => (parsed.success ? [{ name: parsed.data.key, value: parsed.data.value }] : []));
}
