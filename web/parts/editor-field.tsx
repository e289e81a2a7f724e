import { control, Field, type FormErrors } from "./form.tsx";

interface EditorFieldProps {
  name: string;
  label: string;
  /** Coloured as this; empty = a text without colours, undefined = not a program at all. */
  language?: string | undefined;
  text: string;
  errors?: FormErrors | undefined;
}

/** A text of several lines; a program or data becomes a small editor where scripts run. */
export function EditorField({ name, label, language, text, errors }: EditorFieldProps) {
  const rows = Math.min(Math.max(text.split("\n").length + 1, 4), 24);
  const editor = language === "" ? "text" : language;
  return (
    <Field name={name} label={label} errors={errors}>
      <textarea rows={rows} data-editor={editor} {...control(name, errors)}>
        {/* Browsers drop a line break right after the tag. */}
        {text.startsWith("\n") ? `\n${text}` : text}
      </textarea>
    </Field>
  );
}
