import { bodyMode } from "../../body-mode.ts";
import { isObject, toText, type JsonObject } from "../../json.ts";
import { PropertyList } from "./property-list.ts";
import { Part, QueryParam } from "./property.ts";
import { parseQuery } from "./url.ts";

/** `pm.request.body` in one of Postman's modes. */
export class RequestBody extends Part {
  mode?: string;
  /** A text, unless somebody put something else here. */
  raw?: unknown;
  urlencoded?: PropertyList;
  formdata?: PropertyList;
  graphql?: unknown;
  file?: unknown;
  options?: unknown;
  disabled?: boolean;

  constructor(source: unknown) {
    super();
    if (source) this.update(source);
  }

  update(source: unknown): void {
    // Scripts pass what they like; nothing at all is an error as in Postman.
    const fields = typeof source === "string" ? { mode: "raw", raw: source } : (source as JsonObject);
    // oxlint-disable-next-line prefer-destructuring -- People know the words of the error that this makes of null.
    const mode = fields["mode"];
    if (!mode) return;
    this.mode = bodyMode(mode);
    for (const [key, value] of Object.entries(withContent(fields, this.mode))) {
      if (key === "mode") continue;
      if (key === "urlencoded" || key === "formdata") {
        const members = typeof value === "string" ? parseQuery(value) : value;
        const list = new PropertyList(members, false, key === "urlencoded" ? QueryParam : undefined);
        this[key] = PropertyList.setParent(list, this);
      } else {
        // Unknown fields of a body are carried along.
        Reflect.set(this, key, value);
      }
    }
  }

  isEmpty(): boolean {
    const content = this.mode === undefined ? undefined : Reflect.get(this, this.mode);
    if (!content) return true;
    if (content instanceof PropertyList) return content.count() === 0;
    const fields: Record<string, unknown> = isObject(content) ? content : {};
    if (this.mode === "file") return !(fields["src"] || fields["content"]);
    return typeof content === "string" ? content === "" : Object.keys(content).length === 0;
  }

  /** Text of raw and urlencoded bodies only, as in Postman. */
  override toString(): string {
    if (this.mode === "urlencoded") return this.urlencoded?.toString() ?? "";
    return this.mode === "raw" && this.raw ? toText(this.raw) : "";
  }
}

/** A mode has content, if only an empty one. */
function withContent(fields: JsonObject, mode: string): JsonObject {
  if (mode === "raw") return { ...fields, raw: fields["raw"] || "" };
  return mode === "urlencoded" || mode === "formdata" ? { ...fields, [mode]: fields[mode] || [] } : fields;
}
