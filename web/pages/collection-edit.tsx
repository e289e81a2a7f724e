import type { Child } from "hono/jsx";

import { Layout, page, type Shell } from "../layout.tsx";
import { Diff, type DiffFieldProps } from "../parts/diff.tsx";
import { control, Field, Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";
import { ItemCrumbs } from "./collection.tsx";

/** What is edited. */
export interface EditSubject {
  kind: "collection" | "folder" | "request";
  /** Its page; the form stands below it. */
  href: string;
  name: string;
  collection: { id: string; name: string };
  ancestors: { id: string; name: string }[];
}

interface EditProps {
  shell: Shell;
  subject: EditSubject;
  /** Of the form, by the names of its fields. */
  texts: Record<string, string>;
  /** The revision that the texts are based on. */
  revision: number;
}

interface FormProps extends EditProps {
  /** It holds what is not saved. */
  isChanged: boolean;
  bodyLanguage: string;
  errors?: FormErrors | undefined;
}

export const editFormPage = (props: FormProps) => {
  const { shell, subject, texts, revision, isChanged, errors } = props;
  return page(
    <EditLayout shell={shell} subject={subject} title={`Edit ${subject.name}`}>
      <form
        method="post"
        action={`${subject.href}/edit`}
        class="form edit"
        data-unsaved={isChanged ? "already" : "no"}
      >
        <input type="hidden" name="csrf" value={shell.csrfToken} />
        <input type="hidden" name="revision" value={String(revision)} />
        <FormMessage errors={errors} />
        <TextField name="name" label="Name" value={texts["name"]} errors={errors} required />
        {subject.kind === "request" && <RequestFields {...props} />}
        {texts["variables"] !== undefined && (
          <LinesField name="variables" label="Variables" text={texts["variables"]} errors={errors} />
        )}
        <EditorField name="prerequest" label="Pre-request script" language="javascript" {...props} />
        <EditorField name="test" label="Test script" language="javascript" {...props} />
        <EditorField name="description" label="Description" language="" {...props} />
        <div class="actions">
          <button type="submit" class="button primary" name="action" value="preview">
            See the changes
          </button>
          <a class="button" href={subject.href}>
            Cancel
          </a>
        </div>
        <p class="hint">Nothing is saved before you have seen what changes.</p>
      </form>
    </EditLayout>,
  );
};

function RequestFields(props: FormProps) {
  const { texts, errors, bodyLanguage } = props;
  const lines = (name: string, label: string) =>
    texts[name] === undefined ? null : (
      <LinesField name={name} label={label} text={texts[name]} errors={errors} />
    );
  return (
    <>
      <div class="method-and-url">
        <Field name="method" label="Method" errors={errors}>
          <input type="text" required list="methods" value={texts["method"]} {...control("method", errors)} />
          <datalist id="methods">
            {["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].map((method) => (
              <option value={method} />
            ))}
          </datalist>
        </Field>
        <TextField name="url" label="URL" value={texts["url"]} errors={errors} autocomplete="off" />
      </div>
      {lines("params", "Parameters")}
      {lines("pathVariables", "Path variables")}
      {lines("headers", "Headers")}
      {lines("fields", "Form fields")}
      <EditorField name="body" label="Body" language={bodyLanguage} {...props} />
      <EditorField name="graphqlQuery" label="GraphQL query" language="" {...props} />
      <EditorField name="graphqlVariables" label="GraphQL variables" language="json" {...props} />
    </>
  );
}

interface LinesProps {
  name: string;
  label: string;
  text: string;
  errors?: FormErrors | undefined;
}

/** Names and values, a line each, as Postman edits many at once. */
function LinesField({ name, label, text, errors }: LinesProps) {
  const rows = Math.min(Math.max(text.split("\n").length + 1, 3), 14);
  return (
    <Field
      name={name}
      label={label}
      errors={errors}
      hint="name: value, a line each; // before what is switched off"
    >
      <textarea class="lines" rows={rows} spellcheck={false} wrap="off" {...control(name, errors, true)}>
        {keepFirstBreak(text)}
      </textarea>
    </Field>
  );
}

function EditorField({
  name,
  label,
  language,
  texts,
  errors,
}: FormProps & { name: string; label: string; language: string }) {
  const text = texts[name];
  if (text === undefined) return null;
  const rows = Math.min(Math.max(text.split("\n").length + 1, 4), 24);
  const isCode = language !== "" || name === "body" || name === "graphqlQuery";
  return (
    <Field name={name} label={label} errors={errors}>
      <textarea rows={rows} data-editor={isCode ? language || "text" : undefined} {...control(name, errors)}>
        {keepFirstBreak(text)}
      </textarea>
    </Field>
  );
}

/** Browsers drop a line break right after `<textarea>`. */
const keepFirstBreak = (text: string): string => (text.startsWith("\n") ? `\n${text}` : text);

interface PreviewProps extends EditProps {
  changes: DiffFieldProps[];
}

/** What saving would change, before anything is saved. */
export const editPreviewPage = ({ shell, subject, texts, revision, changes }: PreviewProps) =>
  page(
    <EditLayout shell={shell} subject={subject} title={`Changes of ${subject.name}`}>
      <Changes subject={subject} changes={changes} />
      <Form action={`${subject.href}/edit`} csrfToken={shell.csrfToken} class="form">
        <HiddenTexts texts={texts} revision={revision} />
        <TextField
          name="message"
          label="Note"
          hint="Why; it stands in the list of revisions. May be empty."
          autocomplete="off"
        />
        <div class="actions">
          <button type="submit" class="button primary" name="action" value="save">
            {`Save as revision ${revision + 1}`}
          </button>
          <button type="submit" class="button" name="action" value="edit">
            Go on editing
          </button>
          <a class="button" href={subject.href}>
            Drop the changes
          </a>
        </div>
      </Form>
    </EditLayout>,
  );

interface ConflictProps extends EditProps {
  theirs: DiffFieldProps[];
  mine: DiffFieldProps[];
  changedBy: string | undefined;
  changedAt: Date;
}

/** Somebody saved while the form was open: both changes, and nothing saved. */
export const editConflictPage = (props: ConflictProps) => {
  const { shell, subject, texts, revision, theirs, mine, changedBy, changedAt } = props;
  return page(
    <EditLayout shell={shell} subject={subject} title={`${subject.name} was changed meanwhile`}>
      <p class="notice warn" role="alert">
        <span aria-hidden="true">! </span>
        {changedBy ?? "Somebody"} saved revision {revision} <Time at={changedAt} now={shell.now} />, after you
        had opened the form. Nothing of yours is saved.
      </p>
      <h2>What was saved meanwhile</h2>
      <Changes subject={subject} changes={theirs} />
      <h2>What you would change in it</h2>
      {mine.length === 0 ? (
        <p class="dim">Nothing: it already says what you wanted.</p>
      ) : (
        <Changes subject={subject} changes={mine} />
      )}
      <Form action={`${subject.href}/edit`} csrfToken={shell.csrfToken} class="form">
        <HiddenTexts texts={texts} revision={revision} />
        <div class="actions">
          <button type="submit" class="button primary" name="action" value="edit">
            Edit it again with my changes
          </button>
          <a class="button" href={subject.href}>
            Drop my changes
          </a>
        </div>
      </Form>
    </EditLayout>,
  );
};

const Changes = ({ subject, changes }: { subject: EditSubject; changes: DiffFieldProps[] }) => (
  <Diff
    elements={[{ status: "changed", kind: subject.kind, name: subject.name, path: [], fields: changes }]}
  />
);

function HiddenTexts({ texts, revision }: { texts: Record<string, string>; revision: number }) {
  return (
    <>
      <input type="hidden" name="revision" value={String(revision)} />
      {Object.entries(texts).map(([name, text]) => (
        <input type="hidden" name={name} value={text} />
      ))}
    </>
  );
}

function EditLayout({
  shell,
  subject,
  title,
  children,
}: Pick<EditProps, "shell" | "subject"> & { title: string; children: Child }) {
  return (
    <Layout title={title} shell={shell} section="collections" editor>
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/collections">Collections</a> /{" "}
            <ItemCrumbs collection={subject.collection} ancestors={subject.ancestors} />
          </p>
          <h1>{title}</h1>
        </div>
      </div>
      {children}
    </Layout>
  );
}
