import type { AuthFieldView, AuthView, InheritedAuth } from "../../../web/parts/auth-fields.tsx";
import type { EditRow } from "../../../web/parts/edit-rows.tsx";
import type { HeldSecret } from "../../../web/parts/held-secret.tsx";
import { languageOf } from "../browse/item-view.ts";
import type { Element } from "../elements.ts";
import { HIDDEN } from "../revisions/describe.ts";
import { requestOf } from "../v1/request.ts";
import { type AuthField, authTypes, defaultChoices } from "./auth-types.ts";
import { authFieldName, isSecretField, otherAuthFields } from "./auth.ts";
import { type EditKind, rowFields } from "./form.ts";
import { parseRows, type Row } from "./rows.ts";
import { isTypedSecret } from "./secret-text.ts";
import type { Texts } from "./texts.ts";

/** The tables of the form; without the values of secrets. */
export const viewRows = (texts: Texts): Record<string, EditRow[]> =>
  Object.fromEntries(
    Object.entries(texts)
      .filter(([name]) => rowFields.has(name))
      .map(([name, text]) => [name, parseRows(name, text).map(viewRow)]),
  );

const viewRow = (row: Row): EditRow => (row.kind === "secret" ? { ...row, ...viewSecret(row.value) } : row);

/** What a page may have of a secret. */
function viewSecret(text: string): HeldSecret & { value: string } {
  if (text === HIDDEN) return { value: "", held: "stored" };
  return isTypedSecret(text) ? { value: "", held: "typed", sealed: text } : { value: text };
}

interface AuthSubject {
  kind: EditKind;
  element: Element;
  inherited: InheritedAuth | undefined;
}

export function viewAuth(texts: Texts, { kind, element, inherited }: AuthSubject): AuthView {
  const type = texts["auth"] ?? "";
  const known = Object.entries(authTypes).map(([value, { label }]) => ({ value, label }));
  const nothing = kind === "collection" ? "none" : "Inherit from what is around it";
  const isKnown = type === "" || Object.hasOwn(authTypes, type);
  return {
    type,
    options: [{ value: "", label: nothing }, ...known, ...(isKnown ? [] : [{ value: type, label: type }])],
    groups: Object.entries(authTypes)
      .filter(([, { fields }]) => fields.length > 0)
      .map(([of, { fields }]) => ({ type: of, fields: fields.map((field) => viewField(of, field, texts)) })),
    inherited,
    others: otherAuthFields(kind === "request" ? requestOf(element)["auth"] : element["auth"]),
  };
}

function viewField(type: string, field: AuthField, texts: Texts): AuthFieldView {
  const name = authFieldName(type, field.name);
  const text = texts[name] ?? "";
  const { label, kind } = field;
  if (isSecretField(type, field)) return { name, label, kind, ...viewSecret(text) };
  return { name, label, kind, value: text, ...(field.options && { options: optionsOf(type, field, text) }) };
}

function optionsOf(type: string, field: AuthField, text: string) {
  const meant = defaultChoices[`${type}.${field.name}`] ?? defaultChoices[field.name];
  const options = field.options ?? [];
  return [
    { value: "", label: meant === undefined ? "not chosen" : `not chosen: ${meant}` },
    ...options.map((value) => ({ value, label: value })),
    ...(text === "" || options.includes(text) ? [] : [{ value: text, label: text }]),
  ];
}

const colours: ReadonlySet<string> = new Set(["json", "javascript"]);

/** How the raw body is coloured: as the language that it says, or as what it begins like. */
export const bodyLanguageOf = ({ body = "", bodyLanguage = "" }: Texts): string =>
  colours.has(bodyLanguage) ? bodyLanguage : languageOf(body);
