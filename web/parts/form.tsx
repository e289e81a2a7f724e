import type { Child } from "hono/jsx";

/** Messages by field name; the empty name is about the whole form. */
export type FormErrors = Record<string, string>;

interface FormProps {
  action: string;
  csrfToken: string;
  children: Child;
  class?: string;
  /** Has a file field. */
  multipart?: boolean;
}

/** A form that posts, with the token that proves that it came from our page. */
export function Form({ action, csrfToken, children, class: className, multipart }: FormProps) {
  return (
    <form
      method="post"
      action={action}
      class={className}
      enctype={multipart ? "multipart/form-data" : undefined}
    >
      <input type="hidden" name="csrf" value={csrfToken} />
      {children}
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  errors?: FormErrors | undefined;
  hint?: Child;
  /** The control; it gets the same `name`, and `id` is `field-<name>`. */
  children: Child;
}

/** A label, its control, what to enter, and what was wrong with it. */
export function Field({ name, label, errors, hint, children }: FieldProps) {
  return (
    <div class={errors?.[name] ? "field wrong" : "field"}>
      <label for={`field-${name}`}>{label}</label>
      {children}
      <FieldMessage name={name} errors={errors} />
      {hint && (
        <p class="hint" id={`hint-${name}`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Attributes that tie a control to its label, hint and error. */
export function control(name: string, errors?: FormErrors, hasHint = false) {
  const isWrong = errors?.[name] !== undefined;
  const hint = hasHint ? `hint-${name}` : undefined;
  return {
    id: `field-${name}`,
    name,
    "aria-invalid": isWrong ? ("true" as const) : undefined,
    "aria-describedby": isWrong ? `message-${name}` : hint,
  };
}

interface TextFieldProps extends Omit<FieldProps, "children"> {
  value?: string | undefined;
  type?: "text" | "email" | "password" | "search";
  required?: boolean;
  autocomplete?: string;
  placeholder?: string;
  autofocus?: boolean;
}

export function TextField({ name, label, errors, hint, ...input }: TextFieldProps) {
  return (
    <Field name={name} label={label} errors={errors} hint={hint}>
      <input type="text" {...control(name, errors, hint !== undefined)} {...input} />
    </Field>
  );
}

interface SelectFieldProps extends Omit<FieldProps, "children"> {
  value?: string | undefined;
  options: { value: string; label: string }[];
}

export function SelectField({ name, label, errors, hint, value, options }: SelectFieldProps) {
  return (
    <Field name={name} label={label} errors={errors} hint={hint}>
      <select {...control(name, errors, hint !== undefined)}>
        {options.map((option) => (
          <option value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </Field>
  );
}

/** What was wrong with the whole form, read out when the page opens. */
export function FormMessage({ errors }: { errors?: FormErrors | undefined }) {
  const message = errors?.[""];
  if (message === undefined) return null;
  return (
    <p class="notice fail" role="alert">
      <span aria-hidden="true">✕ </span>
      {message}
    </p>
  );
}

/** A button that is a form of its own: an action without fields. */
export function ActionButton(props: {
  action: string;
  csrfToken: string;
  label: string;
  class?: string;
  disabled?: boolean;
}) {
  return (
    <Form action={props.action} csrfToken={props.csrfToken} class="inline">
      <button type="submit" class={`button ${props.class ?? ""}`} disabled={props.disabled}>
        {props.label}
      </button>
    </Form>
  );
}

/** What is wrong with one field; `control` ties it to that. */
export function FieldMessage({ name, errors }: { name: string; errors?: FormErrors | undefined }) {
  const message = errors?.[name];
  if (message === undefined) return null;
  return (
    <p class="message" id={`message-${name}`}>
      <span aria-hidden="true">✕ </span>
      {message}
    </p>
  );
}
