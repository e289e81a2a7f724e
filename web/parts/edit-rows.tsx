import { control, FieldMessage, type FormErrors } from "./form.tsx";
import { Held, type HeldSecret, heldHint } from "./held-secret.tsx";

/** A header, a parameter, a field of a form or a variable in a table that is edited. */
export interface EditRow extends HeldSecret {
  /** Place in the list that the form was made from; absent for a new one. */
  was?: number | undefined;
  key: string;
  value: string;
  state: "on" | "off" | "remove";
  /** A file keeps what it is; the value of a secret is not in the page. */
  kind?: "file" | "secret" | undefined;
  /** Where it can be chosen. */
  type?: "default" | "secret" | undefined;
}

interface EditRowsProps {
  /** Of the field; its columns are `NAME.key`, `NAME.value`, … */
  name: string;
  title: string;
  /** What a row is, as a word in its labels. */
  noun: string;
  rows: EditRow[];
  /** Empty rows at the end. */
  blank: number;
  /** Somebody asked for them, and goes on in the first. */
  isAsked?: boolean;
  errors?: FormErrors | undefined;
  /** Names come from elsewhere, and so does which rows there are. */
  isFixed?: boolean;
  /** What is a secret is chosen, too. */
  isTyped?: boolean;
  hint?: string;
}

/** Names and values, a row each, and empty rows for new ones. Every row sends every field. */
export function EditRows(props: EditRowsProps) {
  const { name, title, noun, rows, blank, errors, isFixed, isTyped, hint } = props;
  const empty: EditRow = { key: "", value: "", state: "on" };
  const all = [...rows, ...Array.from({ length: isFixed ? 0 : blank }, () => empty)];
  const message = errors?.[name];
  return (
    <fieldset class="edit-rows" id={`rows-${name}`}>
      <legend>{title}</legend>
      {hint && <p class="hint">{hint}</p>}
      {message && (
        <p class="message" role="alert">
          <span aria-hidden="true">✕ </span>
          {message}
        </p>
      )}
      {all.length > 0 && (
        <table class={isTyped ? "list variable-rows typed" : "list variable-rows"}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
              {isTyped && <th scope="col">Type</th>}
              {!isFixed && <th scope="col">State</th>}
            </tr>
          </thead>
          <tbody>
            {all.map((row, index) => (
              <Row {...props} row={row} index={index} label={labelOf(noun, row, index)} />
            ))}
          </tbody>
        </table>
      )}
      {!isFixed && (
        <div>
          <button
            type="submit"
            class="button small"
            name="action"
            value={`more:${name}`}
            formaction={`#rows-${name}`}
            formnovalidate
          >
            {`More rows for ${title.toLowerCase()}`}
          </button>
        </div>
      )}
    </fieldset>
  );
}

const labelOf = (noun: string, row: EditRow, index: number): string =>
  row.key === "" ? `of new ${noun} ${index + 1}` : `of ${noun} ${row.key}`;

interface RowProps extends EditRowsProps {
  row: EditRow;
  index: number;
  label: string;
}

function Row(props: RowProps) {
  const { name, row, index, label, errors, isFixed, isTyped } = props;
  return (
    <tr class={row.state === "remove" ? "off" : undefined}>
      <td>
        <input type="hidden" name={`${name}.was`} value={row.was === undefined ? "" : String(row.was)} />
        {isFixed ? (
          <>
            <input type="hidden" name={`${name}.key`} value={row.key} />
            <input type="hidden" name={`${name}.state`} value={row.state} />
            <code>{row.key}</code>
          </>
        ) : (
          <input
            type="text"
            value={row.key}
            autocomplete="off"
            spellcheck={false}
            placeholder={row.was === undefined ? "new" : undefined}
            autofocus={props.isAsked && index === props.rows.length}
            aria-label={`Name ${label}`}
            {...cell(name, { part: "key", index, errors })}
          />
        )}
        <FieldMessage name={`${name}.key-${index}`} errors={errors} />
      </td>
      <td class="value">
        <Value {...props} />
        <FieldMessage name={`${name}.value-${index}`} errors={errors} />
      </td>
      {isTyped && (
        <Choice name={`${name}.type`} label={`Type ${label}`} value={row.type ?? "default"} options={types} />
      )}
      {!isFixed && (
        <Choice name={`${name}.state`} label={`State ${label}`} value={row.state} options={states} />
      )}
    </tr>
  );
}

function Value({ name, row, index, label, errors }: RowProps) {
  if (row.kind === "file") {
    return (
      <>
        <input type="hidden" name={`${name}.value`} value="" />
        <input type="hidden" name={`${name}.sealed`} value="" />
        <span class="dim">file </span>
        <code>{row.value}</code>
      </>
    );
  }
  return (
    <>
      <textarea
        rows={1}
        autocomplete="off"
        spellcheck={false}
        placeholder={heldHint(row)}
        aria-label={`Value ${label}`}
        {...cell(name, { part: "value", index, errors })}
      >
        {row.value.startsWith("\n") ? `\n${row.value}` : row.value}
      </textarea>
      <Held name={`${name}.sealed`} sealed={row.sealed ?? ""} />
    </>
  );
}

const states = ["on", "off", "remove"];
const types = ["default", "secret"];

const Choice = (props: { name: string; label: string; value: string; options: string[] }) => (
  <td>
    <select name={props.name} aria-label={props.label}>
      {props.options.map((option) => (
        <option value={option} selected={option === props.value}>
          {option}
        </option>
      ))}
    </select>
  </td>
);

/** The same rows without anything to see: from the preview to what saves. */
export const HiddenRows = ({ name, rows }: { name: string; rows: EditRow[] }) => (
  <>
    {rows.map((row) => (
      <>
        <input type="hidden" name={`${name}.was`} value={row.was === undefined ? "" : String(row.was)} />
        <input type="hidden" name={`${name}.sealed`} value={row.sealed ?? ""} />
        <input type="hidden" name={`${name}.key`} value={row.key} />
        <input type="hidden" name={`${name}.value`} value={row.value} />
        <input type="hidden" name={`${name}.type`} value={row.type ?? ""} />
        <input type="hidden" name={`${name}.state`} value={row.state} />
      </>
    ))}
  </>
);

/** Attributes of a control in a cell; columns share their name, so that the error has one of its own. */
function cell(
  name: string,
  { part, index, errors }: { part: "key" | "value"; index: number; errors: FormErrors | undefined },
) {
  const { id, ...rest } = control(`${name}.${part}-${index}`, errors);
  return { ...rest, id, name: `${name}.${part}` };
}
