import { isRecord } from "../../lib/parse.ts";
import type { SecretBox } from "../../lib/seal.ts";
import type { Element } from "../elements.ts";
import { hidden, isOpenAuthField, wordOf } from "../revisions/describe.ts";
import { type AuthField, authTypes } from "./auth-types.ts";
import { isTypedSecret, openSecret, readSecret } from "./secret-text.ts";
import { lf, type Texts, unfit } from "./texts.ts";

export const authFieldName = (type: string, field: string): string => `auth.${type}.${field}`;
export const isSecretField = (type: string, { name, kind }: AuthField): boolean =>
  kind !== "yes" && kind !== "choice" && !isOpenAuthField(type, name);

/** Empty for what inherits; as the engine reads it, which takes `auth` without a type for that, too. */
export const authTypeOf = (auth: unknown): string =>
  isRecord(auth) && typeof auth["type"] === "string" ? auth["type"] : "";

interface KnownField {
  type: string;
  field: AuthField;
}

const knownFields: ReadonlyMap<string, KnownField> = new Map(
  Object.entries(authTypes).flatMap(([type, { fields }]) =>
    fields.map((field): [string, KnownField] => [authFieldName(type, field.name), { type, field }]),
  ),
);

/** `auth` is the type, `auth.TYPE.FIELD` are its fields, of every type that could be chosen. Of secrets only dots. */
export function authTexts(auth: unknown): Texts {
  const texts: Texts = { auth: authTypeOf(auth) };
  for (const [name, { type, field }] of knownFields) {
    const value = valueOf(isRecord(auth) ? auth[type] : undefined, field.name);
    if (field.kind === "yes") texts[name] = value ? "true" : "";
    else texts[name] = isSecretField(type, field) ? hidden(value) : lf(wordOf(value));
  }
  return texts;
}

/** Of v2.1's list the entry that counts, of v2.0's object its property. */
function valueOf(parameters: unknown, name: string): unknown {
  if (!Array.isArray(parameters)) return isRecord(parameters) ? parameters[name] : undefined;
  return parameters.filter(isRecord).findLast((entry) => isEntry(entry, name))?.["value"];
}

const isEntry = (entry: Record<string, unknown>, name: string): boolean =>
  entry["key"] === name && entry["disabled"] !== true;

/** Names of fields in the document that no form shows: they stay. */
export function otherAuthFields(auth: unknown): string[] {
  const type = authTypeOf(auth);
  const parameters = isRecord(auth) ? auth[type] : undefined;
  const names = Array.isArray(parameters)
    ? parameters.filter(isRecord).map((entry) => wordOf(entry["key"]))
    : Object.keys(isRecord(parameters) ? parameters : {});
  return names.filter((name) => !knownFields.has(authFieldName(type, name)));
}

/** What a form sent of one field: see `readSecret` for those that are secrets. */
export function readAuthText(name: string, base: string, sent: readonly string[], box: SecretBox): string {
  const known = knownFields.get(name);
  const texts = sent.map(lf);
  return known && isSecretField(known.type, known.field) ? readSecret(base, texts, box) : (texts[0] ?? "");
}

/** Whether a field belongs to a type that is not chosen: then it is not on the page, and what it says does not count. */
export const isOfOtherType = (name: string, type: string): boolean => {
  const known = knownFields.get(name);
  return known !== undefined && known.type !== type;
};

/** Puts what has changed of `auth…` into a request, a folder or a collection. Throws 400 naming the field. */
export function applyAuth(holder: Element, changed: ReadonlyMap<string, string>, box: SecretBox): void {
  const names = [...changed.keys()].filter((name) => name === "auth" || knownFields.has(name));
  if (names.length === 0) return;
  const current = isRecord(holder["auth"]) ? holder["auth"] : {};
  const type = changed.get("auth") ?? authTypeOf(current);
  if (type === "") {
    delete holder["auth"];
    return;
  }
  const before = authTypeOf(current);
  if (!Object.hasOwn(authTypes, type) && type !== before) throw unfit("auth", "Choose one of the types.");
  const next: Record<string, unknown> = { ...current, type };
  // What another type holds would stay unseen, secrets as well.
  if (before !== type && before !== "") delete next[before];
  let parameters = next[type];
  for (const [name, { type: of, field }] of knownFields) {
    const text = changed.get(name);
    if (of !== type || text === undefined) continue;
    parameters = withValue(parameters, field.name, storedValue(name, text, { field, parameters, box }));
  }
  if (parameters !== undefined) next[type] = parameters;
  judge(type, authTexts(next));
  holder["auth"] = next;
}

function judge(type: string, texts: Texts): void {
  const fields = Object.hasOwn(authTypes, type) ? (authTypes[type]?.fields ?? []) : [];
  const missing = fields.find((field) => field.isNeeded && texts[authFieldName(type, field.name)] === "");
  if (missing) throw unfit(authFieldName(type, missing.name), "Nothing can be signed without it.");
}

function storedValue(
  name: string,
  text: string,
  { field, parameters, box }: { field: AuthField; parameters: unknown; box: SecretBox },
): unknown {
  if (field.kind === "yes") return text === "true";
  if (isTypedSecret(text)) return openSecret(name, text, box);
  return likeBefore(text, valueOf(parameters, field.name));
}

/** Numbers and objects stay what they are while the text can be read as one. */
function likeBefore(text: string, before: unknown): unknown {
  if (before === undefined || before === null || typeof before === "string") return text;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === typeof before ? parsed : text;
  } catch {
    return text;
  }
}

/** The parameters of a type with one other value; everything else in them stays. */
function withValue(parameters: unknown, name: string, value: unknown): unknown {
  if (isRecord(parameters)) return { ...parameters, [name]: value };
  const list: unknown[] = Array.isArray(parameters) ? parameters : [];
  const at = list.findLastIndex((entry) => isRecord(entry) && isEntry(entry, name));
  const old = list[at];
  if (isRecord(old)) return list.with(at, { ...old, value });
  return [...list, { key: name, value, type: typeof value === "boolean" ? "boolean" : "string" }];
}
