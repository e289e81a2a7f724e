import { isObject, toText } from "../../json.ts";
import { PropertyList } from "./property-list.ts";
import { Part } from "./property.ts";
import { parseQuery } from "./url.ts";

/** `pm.request.body` in one of Postman's modes. */
export class RequestBody extends Part {
  mode?: string;
  raw?: string;
  urlencoded?: PropertyList;
  formdata?: PropertyList;
  graphql?: unknown;
  file?: unknown;
  options?: unknown;
  disabled?: boolean;

  constructor(source: unknown) {
    super();
    this.update(source);
  }

  update(source: unknown): void {
    const fields = typeof source === "string" ? { mode: "raw", raw: source } : isObject(source) ? source : {};
    for (const [key, value] of Object.entries(fields)) {
      if (key === "urlencoded" || key === "formdata") {
        const list = new PropertyList(typeof value === "string" ? parseQuery(value) : value);
        this[key] = PropertyList.setParent(list, this);
      } else if (key === "raw" && value !== undefined) {
        this.raw = typeof value === "object" ? JSON.stringify(value) : toText(value);
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
    return this.mode === "raw" ? (this.raw ?? "") : "";
  }
}
