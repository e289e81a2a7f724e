import { Layout, page, type Shell } from "../layout.tsx";
import { control, Field, Form, type FormErrors, FormMessage } from "../parts/form.tsx";
import { SavedNotice } from "../parts/saved-notice.tsx";
import { Time } from "../parts/time.tsx";
import { VariableSearch } from "../parts/variable-search.tsx";
import { type VariableRow, VariableTable } from "../parts/variable-table.tsx";

export interface GlobalsProps {
  shell: Shell;
  workspace: { id: string; name: string };
  variables: VariableRow[];
  /** Of all variables; `variables` are those that are searched for. */
  total: number;
  text: string;
  /** 0 when there were never any. */
  revision: number;
  /** Revision that has just been saved. */
  saved?: number | undefined;
  /** Undefined when there were never any. */
  updatedAt: Date | undefined;
  /** What was sent and refused. */
  form: { name: string; isSecret: boolean; errors?: FormErrors };
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
}

/** The variables that every run of a workspace sees. */
export const globalsPage = (props: GlobalsProps) => {
  const { shell, workspace, variables, updatedAt, form, isReadOnly, revision, saved, text, total } = props;
  const href = `/globals/${workspace.id}`;
  return page(
    <Layout title={`Globals of ${workspace.name}`} shell={shell} section="environments">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/environments">Environments</a> / {workspace.name}
          </p>
          <h1>Globals</h1>
        </div>
        <div class="actions">
          {!isReadOnly && (
            <a class="button primary" href={`${href}/edit`}>
              Edit
            </a>
          )}
          <a class="button" href={`${href}/export`} title="For Postman; without the values of secrets">
            Export
          </a>
        </div>
      </div>
      <SavedNotice href={href} saved={saved} shell={shell} isReadOnly={isReadOnly} />
      <p class="summary">
        <span class="dim">
          {
            "Every run of this workspace sees them; a variable of the same name in an environment comes first. A run changes its own copy only."
          }
          {revision > 0 && (
            <>
              {" "}
              <a href={`${href}/revisions`}>{`Revision ${revision}`}</a>,
            </>
          )}
          {updatedAt && " updated "}
          {updatedAt && <Time at={updatedAt} now={shell.now} />}
        </span>
      </p>
      <VariableSearch href={href} text={text} found={variables.length} total={total} />
      <div class="columns">
        {total === 0 ? (
          <p class="dim">There are no globals yet.</p>
        ) : (
          <VariableTable
            variables={variables}
            {...(!isReadOnly && {
              action: ({ key }: VariableRow) => (
                <Form action={`/globals/${workspace.id}/remove`} csrfToken={shell.csrfToken}>
                  <input type="hidden" name="key" value={key} />
                  <button type="submit" class="button" aria-label={`Remove ${key}`}>
                    Remove
                  </button>
                </Form>
              ),
            })}
          />
        )}
        {!isReadOnly && <SetForm shell={shell} workspaceId={workspace.id} {...form} />}
      </div>
    </Layout>,
  );
};

function SetForm({
  shell,
  workspaceId,
  name,
  isSecret,
  errors,
}: GlobalsProps["form"] & { shell: Shell; workspaceId: string }) {
  return (
    <Form action={`/globals/${workspaceId}`} csrfToken={shell.csrfToken} class="form panel">
      <h2>Set a variable</h2>
      <FormMessage errors={errors} />
      <Field name="key" label="Name" errors={errors} hint="A name that is there gets the new value.">
        <input type="text" required autocomplete="off" value={name} {...control("key", errors, true)} />
      </Field>
      <Field name="value" label="Value" errors={errors}>
        <input type="text" autocomplete="off" {...control("value", errors)} />
      </Field>
      <div class="field">
        <label class="check">
          <input type="checkbox" name="secret" value="on" checked={isSecret} />
          Secret
        </label>
        <p class="hint">Encrypted, never shown again, and hidden in results.</p>
      </div>
      <button type="submit" class="button primary">
        Set
      </button>
    </Form>
  );
}
