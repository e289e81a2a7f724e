import { type EditRow, EditRows } from "./edit-rows.tsx";
import { EditorField } from "./editor-field.tsx";
import { type FormErrors, SelectField } from "./form.tsx";

interface BodyFieldsProps {
  texts: Record<string, string>;
  /** As the text is coloured. */
  language: string;
  rowsOf: (name: string) => { rows: EditRow[]; blank: number; isAsked: boolean };
  errors?: FormErrors | undefined;
}

const modes = [
  { value: "", label: "none" },
  { value: "raw", label: "raw" },
  { value: "formdata", label: "form-data" },
  { value: "urlencoded", label: "x-www-form-urlencoded" },
  { value: "graphql", label: "GraphQL" },
];
const languages = [
  { value: "", label: "not said" },
  ...["json", "text", "xml", "html", "javascript"].map((value) => ({ value, label: value })),
];

/** A value that a document has and the list has not can stay. */
const withStored = (options: { value: string; label: string }[], stored: string) =>
  options.some(({ value }) => value === stored) ? options : [...options, { value: stored, label: stored }];

/** The mode and, below it, what is sent in it: the stylesheet hides the others. */
export function BodyFields({ texts, language, rowsOf, errors }: BodyFieldsProps) {
  const { bodyMode = "", bodyLanguage = "" } = texts;
  const text = (name: string) => texts[name] ?? "";
  return (
    <fieldset class="choose">
      <legend>Body</legend>
      <SelectField
        name="bodyMode"
        label="Mode"
        value={bodyMode}
        options={withStored(modes, bodyMode)}
        hint="What another mode holds is taken away when the mode changes; the preview shows it."
        errors={errors}
      />
      <div data-of="raw">
        <SelectField
          name="bodyLanguage"
          label="Language"
          value={bodyLanguage}
          options={withStored(languages, bodyLanguage)}
          errors={errors}
        />
        <EditorField name="body" label="Body" language={language} text={text("body")} errors={errors} />
      </div>
      <div data-of="formdata">
        <EditRows
          name="formdata"
          title="Form fields"
          noun="field"
          hint="Files stay what they are."
          {...rowsOf("formdata")}
          errors={errors}
        />
      </div>
      <div data-of="urlencoded">
        <EditRows
          name="urlencoded"
          title="Form fields"
          noun="field"
          {...rowsOf("urlencoded")}
          errors={errors}
        />
      </div>
      <div data-of="graphql">
        <EditorField
          name="graphqlQuery"
          label="GraphQL query"
          language=""
          text={text("graphqlQuery")}
          errors={errors}
        />
        <EditorField
          name="graphqlVariables"
          label="GraphQL variables"
          language="json"
          text={text("graphqlVariables")}
          errors={errors}
        />
      </div>
      {bodyMode === "file" && (
        <p class="hint" data-of="file">
          The file stays what it is.
        </p>
      )}
    </fieldset>
  );
}
