import { FieldMessage, type FormErrors } from "./form.tsx";

/** One variable in a form. */
export interface EditRow {
  /** Place among the variables that the form was made from; absent for a new one. */
  was?: number;
  key: string;
  /** Empty for secrets: then a value that is typed takes the place of theirs. */
  value: string;
  type: "default" | "secret";
  state: "on" | "off" | "remove";
  /** A secret that was typed before, sealed. */
  sealed?: string;
}

const states = [
  { value: "on", label: "on" },
  { value: "off", label: "off" },
  { value: "remove", label: "remove" },
];
const types = [
  { value: "default", label: "default" },
  { value: "secret", label: "secret" },
];

/** Variables to edit, a row each, and empty rows for new ones. Every row sends every field. */
export function VariableRows({
  rows,
  blank,
  errors,
}: {
  rows: EditRow[];
  blank: number;
  errors: FormErrors;
}) {
  const empty: EditRow = { key: "", value: "", type: "default", state: "on" };
  const all = [...rows, ...Array.from({ length: blank }, () => empty)];
  return (
    <table class="list variable-rows">
      <thead>
        <tr>
          <th scope="col">Variable</th>
          <th scope="col">Value</th>
          <th scope="col">Type</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {all.map((row, index) => (
          <Row row={row} index={index} errors={errors} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, index, errors }: { row: EditRow; index: number; errors: FormErrors }) {
  const label = row.key === "" ? `of new variable ${index + 1}` : `of ${row.key}`;
  const isKnownSecret = row.type === "secret" && (row.was !== undefined || row.sealed !== undefined);
  return (
    <tr class={row.state === "remove" ? "off" : undefined}>
      <td>
        <input type="hidden" name="was" value={row.was === undefined ? "" : String(row.was)} />
        <input type="hidden" name="sealed" value={row.sealed ?? ""} />
        <input
          type="text"
          name="key"
          value={row.key}
          autocomplete="off"
          spellcheck={false}
          placeholder={row.was === undefined ? "new" : undefined}
          aria-label={`Name ${label}`}
          {...errorOf(`key-${index}`, errors)}
        />
        <FieldMessage name={`key-${index}`} errors={errors} />
      </td>
      <td class="value">
        <textarea
          name="value"
          rows={1}
          autocomplete="off"
          spellcheck={false}
          placeholder={isKnownSecret ? placeholderOf(row) : undefined}
          aria-label={`Value ${label}`}
          {...errorOf(`value-${index}`, errors)}
        >
          {row.value.startsWith("\n") ? `\n${row.value}` : row.value}
        </textarea>
        <FieldMessage name={`value-${index}`} errors={errors} />
      </td>
      <td>
        <Choice name="type" label={`Type ${label}`} value={row.type} options={types} />
      </td>
      <td>
        <Choice name="state" label={`State ${label}`} value={row.state} options={states} />
      </td>
    </tr>
  );
}

const placeholderOf = (row: EditRow): string =>
  row.sealed === undefined ? "•••••••• stays; type to replace" : "•••••••• as typed before";

function Choice(props: {
  name: string;
  label: string;
  value: string;
  options: { value: string; label: string }[];
}) {
  return (
    <select name={props.name} aria-label={props.label}>
      {props.options.map(({ value, label }) => (
        <option value={value} selected={value === props.value}>
          {label}
        </option>
      ))}
    </select>
  );
}

const errorOf = (name: string, errors: FormErrors) =>
  errors[name] === undefined
    ? {}
    : { "aria-invalid": "true" as const, "aria-describedby": `message-${name}` };

/** The same rows without anything to see: from the preview to what saves. */
export const HiddenRows = ({ rows }: { rows: EditRow[] }) => (
  <>
    {rows.map((row) => (
      <>
        <input type="hidden" name="was" value={row.was === undefined ? "" : String(row.was)} />
        <input type="hidden" name="sealed" value={row.sealed ?? ""} />
        <input type="hidden" name="key" value={row.key} />
        <input type="hidden" name="value" value={row.value} />
        <input type="hidden" name="type" value={row.type} />
        <input type="hidden" name="state" value={row.state} />
      </>
    ))}
  </>
);
