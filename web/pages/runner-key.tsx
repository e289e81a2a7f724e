import { formatSpan } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { Form, type FormErrors, SelectField } from "../parts/form.tsx";
import { RunnerFields, type RunnerValues } from "../parts/runner-fields.tsx";

export interface NewRunnerProps {
  shell: Shell;
  values: RunnerValues;
  errors?: FormErrors;
}

export const newRunnerPage = ({ shell, values, errors }: NewRunnerProps) =>
  page(
    <Layout title="New runner" shell={shell} section="runners">
      <p class="crumbs">
        <a href="/runners">Runners</a>
      </p>
      <h1>New runner</h1>
      <Form action="/runners" csrfToken={shell.csrfToken} class="form">
        <RunnerFields shell={shell} values={values} errors={errors} />
        <div class="actions">
          <button type="submit" class="button primary">
            Create runner
          </button>
          <a class="button" href="/runners">
            Cancel
          </a>
        </div>
      </Form>
    </Layout>,
  );

export interface RunnerKeyProps {
  shell: Shell;
  runner: { id: string; name: string };
  startCommand: string;
  wasReset: boolean;
  /** How long the old key goes on working; 0 = not at all. */
  graceSeconds?: number;
}

export interface ResetKeyProps {
  shell: Shell;
  runner: { id: string; name: string };
}

const graces = [
  { value: "0", label: "Ends at once" },
  { value: "3600", label: "Goes on working for an hour" },
  { value: "86400", label: "Goes on working for a day" },
  { value: "604800", label: "Goes on working for a week" },
];

/** Asks what becomes of the old key before there is a new one. */
export const resetKeyPage = ({ shell, runner }: ResetKeyProps) =>
  page(
    <Layout title={`New key for ${runner.name}`} shell={shell} section="runners">
      <p class="crumbs">
        <a href="/runners">Runners</a> / <a href={`/runners/${runner.id}`}>{runner.name}</a>
      </p>
      <h1>New key for {runner.name}</h1>
      <Form action={`/runners/${runner.id}/reset-key`} csrfToken={shell.csrfToken} class="form">
        <p>
          You get a new start command. Let the old key live until every instance has been started with the new
          one; its page shows which have not. A key that somebody else may know should end at once.
        </p>
        <SelectField name="grace" label="The old key" value="0" options={graces} />
        <div class="actions">
          <button type="submit" class="button primary">
            Reset key
          </button>
          <a class="button" href={`/runners/${runner.id}`}>
            Cancel
          </a>
        </div>
      </Form>
    </Layout>,
  );

/** The only page that shows the key; it is rendered by the POST itself and never stored. */
export const runnerKeyPage = ({ shell, runner, startCommand, wasReset, graceSeconds = 0 }: RunnerKeyProps) =>
  page(
    <Layout title={runner.name} shell={shell} section="runners">
      <p class="crumbs">
        <a href="/runners">Runners</a> / <a href={`/runners/${runner.id}`}>{runner.name}</a>
      </p>
      <h1>{wasReset ? `${runner.name} has a new key` : `${runner.name} is ready to start`}</h1>
      <StartCommand startCommand={startCommand} {...(wasReset && { graceSeconds })} />
      <p class="actions">
        <a class="button primary" href={`/runners/${runner.id}`}>
          I have copied it
        </a>
      </p>
    </Layout>,
  );

/** `graceSeconds`: after a reset, how long the old key goes on working. */
export function StartCommand({
  startCommand,
  graceSeconds,
}: {
  startCommand: string;
  graceSeconds?: number;
}) {
  return (
    <>
      <p class="notice warn">
        This is shown once: the key in it is not stored.
        {graceSeconds === 0 && " Instances with the old key stop at their next call."}
        {(graceSeconds ?? 0) > 0 &&
          ` Instances with the old key go on for ${formatSpan((graceSeconds ?? 0) * 1000)}, then they stop.`}
      </p>
      <p>Run this on the machine in the closed network. It needs outbound HTTP to this control plane only.</p>
      <CopyBox id="start-command" text={startCommand} label="Start command" />
    </>
  );
}
