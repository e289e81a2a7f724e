import type { Child } from "hono/jsx";

import { Layout, page, type Shell } from "../layout.tsx";
import { AuthFields, type AuthView } from "../parts/auth-fields.tsx";
import { BodyFields } from "../parts/body-fields.tsx";
import { Diff, type DiffFieldProps } from "../parts/diff.tsx";
import { type EditRow, EditRows } from "../parts/edit-rows.tsx";
import { EditorField } from "../parts/editor-field.tsx";
import { control, Field, Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";
import { PreviewActions } from "../parts/preview-actions.tsx";
import { Time } from "../parts/time.tsx";
import { ItemCrumbs } from "./collection-item.tsx";

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
  auth: AuthView;
  /** Of the fields that are tables. */
  rows: Record<string, EditRow[]>;
  /** The table that was asked for more rows. */
  more?: string | undefined;
  errors?: FormErrors | undefined;
}

const BLANK_ROWS = 1;
const MORE_ROWS = 6;

/** Rows of a table, and how many empty ones after them. */
const rowsOf =
  ({ rows, more }: FormProps) =>
  (name: string) => {
    const isAsked = more === name;
    return { rows: rows[name] ?? [], blank: isAsked ? MORE_ROWS : BLANK_ROWS, isAsked };
  };

export const editFormPage = (props: FormProps) => {
  const { shell, subject, texts, revision, isChanged, auth, errors } = props;
  const isRequest = subject.kind === "request";
  const editor = (name: string, label: string, language?: string) => (
    <EditorField name={name} label={label} language={language} text={texts[name] ?? ""} errors={errors} />
  );
  return page(
    <EditLayout shell={shell} subject={subject} title={`Edit ${subject.name}`}>
      <form
        method="post"
        action={`${subject.href}/edit`}
        class="form edit"
        data-unsaved={isChanged ? "already" : "no"}
      >
        {/* Enter in a field presses the first button: it must not be one that adds rows. */}
        <button type="submit" name="action" value="preview" class="visually-hidden" tabindex={-1} aria-hidden>
          See the changes
        </button>
        <input type="hidden" name="csrf" value={shell.csrfToken} />
        <input type="hidden" name="revision" value={String(revision)} />
        <FormMessage errors={errors} />
        <WhereWrong errors={errors} rows={props.rows} />
        <TextField name="name" label="Name" value={texts["name"]} errors={errors} required />
        {isRequest && <Address {...props} />}
        <AuthFields auth={auth} errors={errors} />
        {isRequest ? (
          <>
            <EditRows
              name="headers"
              title="Headers"
              noun="header"
              {...rowsOf(props)("headers")}
              errors={errors}
            />
            <BodyFields texts={texts} language={props.bodyLanguage} rowsOf={rowsOf(props)} errors={errors} />
          </>
        ) : (
          <EditRows
            name="variables"
            title="Variables"
            noun="variable"
            {...rowsOf(props)("variables")}
            errors={errors}
          />
        )}
        {editor("prerequest", "Pre-request script", "javascript")}
        {editor("test", "Test script", "javascript")}
        {editor("description", "Description")}
        <PreviewActions cancel={subject.href} />
      </form>
    </EditLayout>,
  );
};

/** The form is long: what is wrong stands beside its field, and here is the way there. */
function WhereWrong({ errors = {}, rows }: Pick<FormProps, "errors" | "rows">) {
  const name = Object.keys(errors).find((field) => field !== "");
  if (name === undefined) return null;
  return (
    <p class="notice fail" role="alert">
      <span aria-hidden="true">✕ </span>
      Nothing is saved: <a href={`#${name in rows ? "rows" : "field"}-${name}`}>one field</a> does not fit.
    </p>
  );
}

/** Method and URL, and beside them what the URL holds, in rows. */
function Address(props: FormProps) {
  const { texts, rows, errors } = props;
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
      <EditRows
        name="params"
        title="Query parameters"
        noun="parameter"
        hint="The URL follows these rows, and they follow the URL. Those that are off are kept and not sent."
        {...rowsOf(props)("params")}
        errors={errors}
      />
      {(rows["pathVariables"] ?? []).length > 0 && (
        <EditRows
          name="pathVariables"
          title="Path variables"
          noun="path variable"
          hint="Their names are those in the path of the URL, as in /orders/:id."
          isFixed
          {...rowsOf(props)("pathVariables")}
          errors={errors}
        />
      )}
    </>
  );
}

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

/** The frame of a page that changes a collection or a part of it. */
export function EditLayout({
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
