import { Layout, page, type Shell } from "../layout.tsx";
import { Form, type FormErrors } from "../parts/form.tsx";
import { RunnerFields, type RunnerValues } from "../parts/runner-fields.tsx";

export interface RunnerEditProps {
  shell: Shell;
  runner: { id: string; name: string };
  values: RunnerValues;
  errors?: FormErrors | undefined;
}

export const runnerEditPage = ({ shell, runner, values, errors }: RunnerEditProps) =>
  page(
    <Layout title={`Edit ${runner.name}`} shell={shell} section="runners">
      <p class="crumbs">
        <a href="/runners">Runners</a> / <a href={`/runners/${runner.id}`}>{runner.name}</a>
      </p>
      <h1>Edit {runner.name}</h1>
      <Form action={`/runners/${runner.id}/edit`} csrfToken={shell.csrfToken} class="form">
        <RunnerFields shell={shell} values={values} errors={errors} />
        <p class="hint">
          Monitors that name this runner in a workspace that no longer sees it do not run there any more.
        </p>
        <div class="actions">
          <button type="submit" class="button primary">
            Save
          </button>
          <a class="button" href={`/runners/${runner.id}`}>
            Cancel
          </a>
        </div>
      </Form>
    </Layout>,
  );
