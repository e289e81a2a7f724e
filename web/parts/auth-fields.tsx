import { control, Field, type FormErrors, SelectField } from "./form.tsx";
import { Held, type HeldSecret, heldHint } from "./held-secret.tsx";

export interface AuthFieldView extends HeldSecret {
  /** As it is sent. */
  name: string;
  label: string;
  kind: "text" | "long" | "yes" | "choice";
  value: string;
  /** Of a choice; the first is what is meant when nothing is chosen. */
  options?: { value: string; label: string }[];
}

export interface AuthView {
  /** Chosen; empty = inherits, or none where nothing can be inherited. */
  type: string;
  options: { value: string; label: string }[];
  groups: { type: string; fields: AuthFieldView[] }[];
  /** Where it is inherited from when nothing is chosen; absent on a collection. */
  inherited?: InheritedAuth | undefined;
  /** Names of fields in the document that stay as they are. */
  others: string[];
}

/** The authorization that holds where an element has none of its own. */
export interface InheritedAuth {
  /** As in a document; empty when nothing around it has one. */
  type: string;
  from: string;
  href: string;
}

/** The type and, below it, the fields of the chosen one: the stylesheet hides those of the others. */
export function AuthFields({ auth, errors }: { auth: AuthView; errors?: FormErrors | undefined }) {
  return (
    <fieldset class="choose">
      <legend>Authorization</legend>
      <SelectField name="auth" label="Type" value={auth.type} options={auth.options} errors={errors} />
      {auth.inherited && (
        <p class="hint" data-of="">
          <Inherited inherited={auth.inherited} />
        </p>
      )}
      {auth.groups.map(({ type, fields }) => (
        <div class="auth-group" data-of={type}>
          {fields.map((field) => (
            <AuthFieldControl field={field} errors={errors} />
          ))}
        </div>
      ))}
      {auth.others.length > 0 && (
        <p class="hint" data-of={auth.type}>{`Stays as it is: ${auth.others.join(", ")}`}</p>
      )}
    </fieldset>
  );
}

export function Inherited({ inherited: { type, from, href } }: { inherited: InheritedAuth }) {
  if (type === "") return <>Nothing around it has an authorization, so none is sent.</>;
  return (
    <>
      <code>{type}</code> is inherited from <a href={href}>{from}</a>.
    </>
  );
}

function AuthFieldControl({ field, errors }: { field: AuthFieldView; errors: FormErrors | undefined }) {
  const { name, label, kind, value, options, sealed } = field;
  if (kind === "choice") {
    return <SelectField name={name} label={label} value={value} options={options ?? []} errors={errors} />;
  }
  if (kind === "yes") {
    return (
      <label class="check">
        <input type="checkbox" name={name} value="true" checked={value === "true"} /> {label}
      </label>
    );
  }
  const attributes = {
    ...control(name, errors),
    autocomplete: "off",
    spellcheck: false,
    placeholder: heldHint(field),
  };
  // A line break in a text field would be lost.
  const isLong = kind === "long" || value.includes("\n");
  return (
    <Field name={name} label={label} errors={errors}>
      {isLong ? (
        <textarea rows={4} {...attributes}>
          {value.startsWith("\n") ? `\n${value}` : value}
        </textarea>
      ) : (
        <input type="text" value={value} {...attributes} />
      )}
      {sealed !== undefined && <Held name={name} sealed={sealed} />}
    </Field>
  );
}
