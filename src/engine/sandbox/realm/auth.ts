import { isObject } from "../../json.ts";
import { PropertyList } from "./property-list.ts";
import { Property, type PropertyFields } from "./property.ts";

/** One setting of a kind of authentication; its value may be anything. */
class Parameter extends Property {
  constructor(fields: PropertyFields) {
    super(fields);
    Reflect.set(this, "value", fields["content"] ?? fields.value);
    delete this["content"];
  }
}

/** `pm.request.auth`: the kind that is used, and the settings of each kind by its name. */
export class RequestAuth {
  declare type?: string;
  [kind: string]: unknown;

  constructor(source: unknown) {
    const { type, ...kinds } = isObject(source) ? source : {};
    if (typeof type === "string") this.type = type;
    // The one that is used comes first, and is there without settings, too.
    if (RequestAuth.isValidType(type)) RequestAuth.#settingsOf(this, type, kinds[type]);
    for (const [kind, settings] of Object.entries(kinds))
      if (kind !== type) RequestAuth.#settingsOf(this, kind, settings);
  }

  static isValidType(type: unknown): type is string {
    return typeof type === "string" && type !== "type" && type !== "";
  }

  static #settingsOf(auth: RequestAuth, kind: string, settings: unknown): PropertyList {
    const existing = auth[kind];
    const list = existing instanceof PropertyList ? existing : new PropertyList([], false, Parameter);
    for (const { key, value, ...others } of toSettings(settings)) {
      const known = list.one(key);
      if (known) Reflect.set(known, "value", value);
      else list.add({ type: "any", ...others, value: "", key, content: value });
    }
    Reflect.set(auth, kind, list);
    return list;
  }

  /** Changes settings of a kind, of the one that is used when none is named. */
  update(settings: unknown, kind: unknown = this.type): void {
    if (isObject(settings) || Array.isArray(settings)) {
      if (RequestAuth.isValidType(kind)) RequestAuth.#settingsOf(this, kind, settings);
    }
  }

  /** Takes another kind into use. */
  use(kind: unknown, settings?: unknown): void {
    if (!RequestAuth.isValidType(kind)) return;
    this.type = kind;
    RequestAuth.#settingsOf(this, kind, settings);
  }

  parameters(): unknown {
    return this.type === undefined ? undefined : this[this.type];
  }

  current(): never {
    throw new Error("`Request#current` has been discontinued, use `Request#parameters` instead.");
  }

  clear(kind: unknown): void {
    const settings = typeof kind === "string" ? this[kind] : undefined;
    if (settings instanceof PropertyList) settings.clear();
  }

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this));
  }
}

/** Settings stand in a list of `{key, value}` or, in older documents, in an object. */
function toSettings(settings: unknown): { key: string; value: unknown; [extra: string]: unknown }[] {
  if (settings instanceof PropertyList) return toSettings(settings.members);
  if (Array.isArray(settings)) {
    return settings.filter(isObject).map((setting) => ({
      ...setting,
      key: String(setting["key"]),
      value: setting["value"],
    }));
  }
  return isObject(settings) ? Object.entries(settings).map(([key, value]) => ({ key, value })) : [];
}
