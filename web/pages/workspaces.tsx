import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Form, type FormErrors, FormMessage, SelectField, TextField } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

export interface WorkspacesProps {
  shell: Shell;
  rows: { id: string; name: string; visibility: string; about: string; createdAt: Date }[];
  values: { name: string; type: string; about: string };
  errors?: FormErrors | undefined;
}

/** Who sees a workspace, in the words of the people who choose. */
export const visibilityWords: Readonly<Record<string, string>> = {
  team: "Everybody in the team, and may change what is in it",
  public: "Everybody in the team; members change what is in it",
  private: "Members only",
  personal: "Only whoever made it",
  partner: "Members only (partner)",
};

/** Partners of other organizations do not exist here: offered only where it is already chosen. */
export const visibilityOptions = (chosen: string) =>
  Object.entries(visibilityWords)
    .filter(([value]) => value !== "partner" || chosen === "partner")
    .map(([value, label]) => ({ value, label }));

export const workspacesPage = ({ shell, rows, values, errors }: WorkspacesProps) =>
  page(
    <Layout title="Workspaces" shell={shell}>
      <div class="head">
        <h1>Workspaces</h1>
      </div>
      <div class="columns">
        <div>
          {rows.length === 0 ? (
            <EmptyState title="No workspaces yet">
              A workspace holds collections, environments and monitors, and says who may see them.
            </EmptyState>
          ) : (
            <table class="list">
              <thead>
                <tr>
                  <th scope="col">Workspace</th>
                  <th scope="col">Who sees it</th>
                  <th scope="col">Since</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr>
                    <td class="name">
                      <a href={`/workspaces/${row.id}`}>{row.name}</a>
                      {row.about !== "" && <span class="sub">{row.about}</span>}
                    </td>
                    <td data-label="Who sees it">{visibilityWords[row.visibility] ?? row.visibility}</td>
                    <td data-label="Since">
                      <Time at={row.createdAt} now={shell.now} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
        <Form action="/workspaces" csrfToken={shell.csrfToken} class="form panel">
          <h2>New workspace</h2>
          <FormMessage errors={errors} />
          <TextField name="name" label="Name" value={values.name} errors={errors} required />
          <SelectField
            name="type"
            label="Who sees it"
            value={values.type}
            errors={errors}
            options={visibilityOptions(values.type)}
          />
          <TextField name="about" label="About" value={values.about} errors={errors} hint="One line." />
          <button type="submit" class="button primary">
            Create workspace
          </button>
        </Form>
      </div>
    </Layout>,
  );
