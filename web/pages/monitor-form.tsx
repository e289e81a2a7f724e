import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import {
  Field,
  Form,
  FormMessage,
  SelectField,
  TextField,
  control,
  type FormErrors,
} from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

export interface MonitorValues {
  name: string;
  collectionId: string;
  environmentId: string;
  /** A preset's cron, `custom` or `none`. */
  schedule: string;
  cron: string;
  timezone: string;
  /** `any`, `pick` or `new`. */
  placement: string;
  runnerIds: string[];
  newRunnerName: string;
  /** `0`, `1` or `2`. */
  retries: string;
  rerunLost: boolean;
}

export interface MonitorFormProps {
  shell: Shell;
  /** Absent for a new one. */
  monitor?: { id: string; name: string } | undefined;
  values: MonitorValues;
  collections: { id: string; name: string; workspaceName: string }[];
  environments: { id: string; name: string; workspaceName: string }[];
  runners: { id: string; name: string; health: string }[];
  timezones: string[];
  /** Of the schedule as entered; empty when there is none. */
  nextRuns: Date[];
  errors?: FormErrors;
}

export const presets = [
  { value: "* * * * *", label: "Every minute" },
  { value: "*/5 * * * *", label: "Every 5 minutes" },
  { value: "*/15 * * * *", label: "Every 15 minutes" },
  { value: "0 * * * *", label: "Every hour" },
  { value: "0 */6 * * *", label: "Every 6 hours" },
  { value: "0 9 * * *", label: "Every day at 9:00" },
  { value: "0 9 * * 1-5", label: "Weekdays at 9:00" },
  { value: "custom", label: "Custom cron…" },
  { value: "none", label: "Only when triggered" },
];

export const monitorFormPage = (props: MonitorFormProps) => page(<MonitorFormPage {...props} />);

function MonitorFormPage(props: MonitorFormProps) {
  const { shell, monitor, collections } = props;
  const title = monitor ? `Edit ${monitor.name}` : "New monitor";
  return (
    <Layout title={title} shell={shell} section="monitors">
      <p class="crumbs">
        <a href="/">Monitors</a>
        {monitor && (
          <>
            {" / "}
            <a href={`/monitors/${monitor.id}`}>{monitor.name}</a>
          </>
        )}
      </p>
      <h1>{title}</h1>
      {collections.length === 0 ? (
        <EmptyState
          title="A collection comes first"
          action={{ href: "/collections", label: "Upload a collection" }}
        >
          A monitor runs a collection, and there is none in view yet.
        </EmptyState>
      ) : (
        <MonitorForm {...props} />
      )}
    </Layout>
  );
}

function MonitorForm(props: MonitorFormProps) {
  const { shell, monitor, values, errors } = props;
  const hasManyWorkspaces = shell.workspaces.length > 1;
  const choice = (entry: { id: string; name: string; workspaceName: string }) => ({
    value: entry.id,
    label: hasManyWorkspaces ? `${entry.name} (${entry.workspaceName})` : entry.name,
  });
  return (
    <Form action={monitor ? `/monitors/${monitor.id}` : "/monitors"} csrfToken={shell.csrfToken} class="form">
      <FormMessage errors={errors} />
      <TextField name="name" label="Name" value={values.name} errors={errors} required autofocus={!monitor} />
      {monitor ? (
        <Fixed {...props} />
      ) : (
        <div class="pair">
          <SelectField
            name="collection"
            label="Collection"
            value={values.collectionId}
            errors={errors}
            options={props.collections.map(choice)}
            hint="The monitor belongs to the collection's workspace."
          />
          <SelectField
            name="environment"
            label="Environment"
            value={values.environmentId}
            errors={errors}
            options={[{ value: "", label: "None" }, ...props.environments.map(choice)]}
          />
        </div>
      )}
      <Schedule {...props} />
      <Placement {...props} />
      <SecondTries {...props} />
      <div class="actions">
        <button type="submit" class="button primary">
          {monitor ? "Save" : "Create monitor"}
        </button>
        <button type="submit" class="button" name="preview" value="yes">
          Preview next runs
        </button>
        <a class="button" href={monitor ? `/monitors/${monitor.id}` : "/"}>
          Cancel
        </a>
      </div>
    </Form>
  );
}

const nameIn = (list: { id: string; name: string }[], id: string) =>
  list.find((entry) => entry.id === id)?.name;

/** What a monitor runs stays: another collection is another monitor with a history of its own. */
function Fixed({ values, collections, environments }: MonitorFormProps) {
  return (
    <p class="dim">
      {`Runs ${nameIn(collections, values.collectionId) ?? "a collection"} `}
      {values.environmentId !== "" &&
        `with ${nameIn(environments, values.environmentId) ?? "an environment"}`}
      . For another collection or environment, make another monitor.
    </p>
  );
}

function Schedule({ shell, values, errors, timezones, nextRuns }: MonitorFormProps) {
  return (
    <fieldset>
      <legend>Schedule</legend>
      <div class="pair">
        <SelectField
          name="schedule"
          label="How often"
          value={values.schedule}
          errors={errors}
          options={presets}
        />
        <Field name="timezone" label="Time zone" errors={errors}>
          <input
            {...control("timezone", errors)}
            value={values.timezone}
            list="timezones"
            autocomplete="off"
          />
        </Field>
      </div>
      <datalist id="timezones">
        {timezones.map((timezone) => (
          <option value={timezone} />
        ))}
      </datalist>
      <div class="custom-cron">
        <TextField
          name="cron"
          label="Custom cron"
          value={values.cron}
          errors={errors}
          placeholder="*/10 8-18 * * 1-5"
          hint="Minute, hour, day of month, month, day of week. Used when “Custom cron” is chosen."
        />
      </div>
      {nextRuns.length > 0 && (
        <div class="notice" role="status">
          <p>Next runs</p>
          <ul class="plain">
            {nextRuns.map((at) => (
              <li>
                <Time at={at} now={shell.now} show="both" />
              </li>
            ))}
          </ul>
        </div>
      )}
    </fieldset>
  );
}

function Placement({ shell, values, errors, runners }: MonitorFormProps) {
  const radio = (value: string, label: string) => (
    <label class="check">
      <input type="radio" name="placement" value={value} checked={values.placement === value} />
      {label}
    </label>
  );
  return (
    <fieldset class="placement">
      <legend>Where it runs</legend>
      {radio("any", "On any healthy runner that the workspace sees")}
      {runners.length > 0 && radio("pick", "On these runners, all of them each time")}
      {runners.length > 0 && (
        <div class="nested">
          {runners.map((runner) => (
            <label class="check">
              <input
                type="checkbox"
                name="runners"
                value={runner.id}
                checked={values.runnerIds.includes(runner.id)}
              />
              {runner.name} <span class="dim">{runner.health}</span>
            </label>
          ))}
        </div>
      )}
      {shell.user.isAdmin && radio("new", "On a new runner, made here")}
      {shell.user.isAdmin && (
        <div class="nested">
          <TextField
            name="newRunnerName"
            label="Name of the new runner"
            value={values.newRunnerName}
            errors={errors}
            hint="You get its start command on the next page, once."
          />
        </div>
      )}
      {errors?.["runners"] && (
        <p class="message">
          <span aria-hidden="true">✕ </span>
          {errors["runners"]}
        </p>
      )}
    </fieldset>
  );
}

function SecondTries({ values, errors }: MonitorFormProps) {
  return (
    <fieldset class="placement">
      <legend>When a run does not pass</legend>
      <SelectField
        name="retries"
        label="It failed, or could not tell"
        value={values.retries}
        errors={errors}
        options={[
          { value: "0", label: "That is the result" },
          { value: "1", label: "Run it once more; the second result counts" },
          { value: "2", label: "Run it up to twice more; the last result counts" },
        ]}
      />
      <label class="check">
        <input type="checkbox" name="rerunLost" value="yes" checked={values.rerunLost} />
        When its runner dies, run it again on another instance
      </label>
      <p class="hint">
        Either way the collection is run again from its first request: choose this only if running it twice
        does no harm.
      </p>
    </fieldset>
  );
}
