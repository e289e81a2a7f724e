import type { Child } from "hono/jsx";

import { Layout, page, type Shell } from "../layout.tsx";
import { Diff, type DiffElementProps } from "../parts/diff.tsx";
import { type EditRow, EditRows, HiddenRows } from "../parts/edit-rows.tsx";
import { Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";
import { PreviewActions } from "../parts/preview-actions.tsx";
import { Time } from "../parts/time.tsx";

/** An environment, or the globals of a workspace. */
export interface VariablesSubject {
  /** Its page; the form stands below it. */
  href: string;
  title: string;
  /** Undefined for globals, which have none. */
  name: string | undefined;
}

/** One variable in a form. */
export interface VariableRow extends Pick<EditRow, "was" | "key" | "state"> {
  /** Empty for secrets: then a value that is typed takes the place of theirs. */
  value: string;
  type: "default" | "secret";
  /** A secret that was typed before, sealed. */
  sealed?: string;
}

interface EditProps {
  shell: Shell;
  subject: VariablesSubject;
  name: string | undefined;
  rows: VariableRow[];
  /** The revision that the rows are based on. */
  revision: number;
}

const BLANK_ROWS = 3;
const MORE_ROWS = 10;

export const variablesFormPage = (
  props: EditProps & { isChanged: boolean; wantsMore: boolean; errors?: FormErrors | undefined },
) => {
  const { shell, subject, name, rows, revision, isChanged, wantsMore, errors = {} } = props;
  return page(
    <EditLayout shell={shell} subject={subject} title={`Edit ${subject.title}`}>
      <form
        method="post"
        action={`${subject.href}/edit`}
        class="form edit"
        autocomplete="off"
        data-unsaved={isChanged ? "already" : "no"}
      >
        <input type="hidden" name="csrf" value={shell.csrfToken} />
        <input type="hidden" name="revision" value={String(revision)} />
        <FormMessage errors={errors} />
        {name !== undefined && <TextField name="name" label="Name" value={name} errors={errors} required />}
        <EditRows
          name="variables"
          title="Variables"
          noun="variable"
          hint="A secret is encrypted, never shown again, and hidden in results. Empty rows are passed over."
          rows={rows.map((row) => ({ ...row, held: heldIn(row) }))}
          blank={wantsMore ? MORE_ROWS : BLANK_ROWS}
          isAsked={wantsMore}
          isTyped
          errors={errors}
        />
        <PreviewActions cancel={subject.href} />
      </form>
    </EditLayout>,
  );
};

export const variablesPreviewPage = (props: EditProps & { elements: DiffElementProps[] }) => {
  const { shell, subject, revision, elements } = props;
  return page(
    <EditLayout shell={shell} subject={subject} title={`Changes of ${subject.title}`}>
      <Diff elements={elements} />
      <Form action={`${subject.href}/edit`} csrfToken={shell.csrfToken} class="form">
        <Hidden {...props} />
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
};

interface ConflictProps extends EditProps {
  theirs: DiffElementProps[];
  mine: DiffElementProps[];
  updatedAt: Date;
}

export const variablesConflictPage = (props: ConflictProps) => {
  const { shell, subject, revision, theirs, mine, updatedAt } = props;
  return page(
    <EditLayout shell={shell} subject={subject} title={`${subject.title} was changed meanwhile`}>
      <p class="notice warn" role="alert">
        <span aria-hidden="true">! </span>
        Somebody saved revision {revision} <Time at={updatedAt} now={shell.now} />, after you had opened the
        form. Nothing of yours is saved.
      </p>
      <h2>What was saved meanwhile</h2>
      <Diff elements={theirs} />
      <h2>What you would change in it</h2>
      {mine.length === 0 ? (
        <p class="dim">Nothing: it already says what you wanted.</p>
      ) : (
        <Diff elements={mine} />
      )}
      <Form action={`${subject.href}/edit`} csrfToken={shell.csrfToken} class="form">
        <Hidden {...props} />
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

function heldIn({ type, was, sealed }: VariableRow): EditRow["held"] {
  if (type !== "secret") return undefined;
  if (sealed !== undefined) return "typed";
  return was === undefined ? undefined : "stored";
}

const Hidden = ({ name, rows, revision }: EditProps) => (
  <>
    <input type="hidden" name="revision" value={String(revision)} />
    {name !== undefined && <input type="hidden" name="name" value={name} />}
    <HiddenRows name="variables" rows={rows} />
  </>
);

function EditLayout({
  shell,
  subject,
  title,
  children,
}: Pick<EditProps, "shell" | "subject"> & { title: string; children: Child }) {
  return (
    <Layout title={title} shell={shell} section="environments" editor>
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/environments">Environments</a> / <a href={subject.href}>{subject.title}</a>
          </p>
          <h1>{title}</h1>
        </div>
      </div>
      {children}
    </Layout>
  );
}
