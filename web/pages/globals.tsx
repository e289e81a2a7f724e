import { Layout, page, type Shell } from "../layout.tsx";
import { control, Field, Form, type FormErrors, FormMessage } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";
import { type VariableRow, VariableTable } from "../parts/variable-table.tsx";

export interface GlobalsProps {
  shell: Shell;
  workspace: { id: string; name: string };
  variables: VariableRow[];
  /** Undefined when there were never any. */
  updatedAt: Date | undefined;
  /** What was sent and refused. */
  form: { name: string; isSecret: boolean; errors?: FormErrors };
  /** The person may look and change nothing. */
  isReadOnly?: boolean;
}

/** The variables that every run of a workspace sees. */
export const globalsPage = ({ shell, workspace, variables, updatedAt, form, isReadOnly }: GlobalsProps) =>
  page(
    <Layout title={`Globals of ${workspace.name}`} shell={shell} section="environments">
      <div class="head">
        <div>
          <p class="crumbs">
            <a href="/environments">Environments</a> / {workspace.name}
          </p>
          <h1>Globals</h1>
        </div>
      </div>
      <p class="summary">
        <span class="dim">
          {
            "Every run of this workspace sees them; a variable of the same name in an environment comes first. A run changes its own copy only."
          }
          {updatedAt && " Updated "}
          {updatedAt && <Time at={updatedAt} now={shell.now} />}
        </span>
      </p>
      <div class="columns">
        {variables.length === 0 ? (
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
