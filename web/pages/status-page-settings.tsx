import { Layout, page, type Shell } from "../layout.tsx";
import {
  control,
  Field,
  Form,
  type FormErrors,
  FormMessage,
  SelectField,
  TextField,
} from "../parts/form.tsx";
import { type EditedPage, StatusPageFrame } from "../parts/status-page-frame.tsx";

export interface StatusPageValues {
  workspace: string;
  slug: string;
  title: string;
  description: string;
  visibility: string;
  timezone: string;
  indexed: boolean;
  /** Empty = never. */
  incidentAfterMinutes: string;
}

export interface StatusPageSettingsProps {
  shell: Shell;
  values: StatusPageValues;
  timezones: string[];
  /** Without its last part. */
  address: string;
  errors?: FormErrors | undefined;
}

/** A page that is not there yet. */
export const newStatusPagePage = (props: StatusPageSettingsProps) =>
  page(
    <Layout title="New status page" shell={props.shell} section="status">
      <p class="crumbs">
        <a href="/status-pages">Status pages</a>
      </p>
      <h1>New status page</h1>
      <Settings {...props} action="/status-pages" label="Create status page" cancel="/status-pages" />
    </Layout>,
  );

/** The settings of one that is. */
export const statusPageSettingsPage = ({
  edited,
  saved,
  ...props
}: StatusPageSettingsProps & { edited: EditedPage; saved: boolean }) =>
  page(
    <StatusPageFrame shell={props.shell} edited={edited} tab="settings" canEdit>
      {saved && (
        <p class="notice" role="status">
          Saved.
        </p>
      )}
      <Settings
        {...props}
        action={`/status-pages/${edited.id}/settings`}
        label="Save"
        cancel={`/status-pages/${edited.id}`}
      />
      <p class="actions apart">
        <a class="button danger" href={`/status-pages/${edited.id}/delete`}>
          Delete this status page
        </a>
      </p>
    </StatusPageFrame>,
  );

const incidentChoices = ["1", "3", "5", "10", "15", "30", "60"];

type FormProps = StatusPageSettingsProps & { action: string; label: string; cancel: string };

function Settings({ shell, values, errors, address, action, label, cancel, ...props }: FormProps) {
  const workspaces = shell.workspaces.filter(({ isReadOnly }) => isReadOnly !== true);
  const isNew = action === "/status-pages";
  return (
    <Form action={action} csrfToken={shell.csrfToken} class="form status-form">
      <FormMessage errors={errors} />
      {isNew && workspaces.length > 1 && (
        <SelectField
          name="workspace"
          label="Workspace"
          value={values.workspace}
          options={workspaces.map(({ id, name }) => ({ value: id, label: name }))}
          errors={errors}
          hint="Its monitors can stand on the page."
        />
      )}
      <TextField name="title" label="Title" value={values.title} errors={errors} required />
      <TextField
        name="slug"
        label="Address"
        value={values.slug}
        errors={errors}
        required
        hint={`${address}… in lower case letters, digits and hyphens`}
      />
      <Field name="description" label="Description" errors={errors}>
        <textarea rows={3} {...control("description", errors)}>
          {values.description}
        </textarea>
      </Field>
      <Readers values={values} errors={errors} />
      <Field name="timezone" label="Time zone" errors={errors} hint="Of its days and times, for all readers.">
        <input {...control("timezone", errors, true)} value={values.timezone} list="timezones" required />
      </Field>
      <datalist id="timezones">
        {props.timezones.map((timezone) => (
          <option value={timezone} />
        ))}
      </datalist>
      <SelectField
        name="incidentAfterMinutes"
        label="Automatic incidents"
        value={values.incidentAfterMinutes}
        options={[
          { value: "", label: "Never: people report incidents" },
          ...choicesWith(values.incidentAfterMinutes).map((minutes) => ({
            value: minutes,
            label: minutes === "1" ? "After a minute of failing" : `After ${minutes} minutes of failing`,
          })),
        ]}
        errors={errors}
        hint="One for each failure of a monitor; it is resolved when the monitor passes again."
      />
      <div class="actions">
        <button type="submit" class="button primary">
          {label}
        </button>
        <a class="button" href={cancel}>
          Cancel
        </a>
      </div>
    </Form>
  );
}

/** Programs may have set another number. */
const choicesWith = (minutes: string): string[] =>
  minutes === "" || incidentChoices.includes(minutes) ? incidentChoices : [...incidentChoices, minutes];

function Readers({ values, errors }: Pick<FormProps, "values" | "errors">) {
  const choices = [
    {
      value: "private",
      label: "People with a role in its workspace",
      hint: "They sign in first.",
    },
    { value: "public", label: "Everybody", hint: "Whoever has the address, or guesses it, without a login." },
  ];
  return (
    <fieldset>
      <legend>Who may read it</legend>
      {choices.map(({ value, label, hint }) => (
        <label class="check choice">
          <input type="radio" name="visibility" value={value} checked={values.visibility === value} />
          <span>
            {label} <span class="sub">{hint}</span>
          </span>
        </label>
      ))}
      {errors?.["visibility"] && <p class="message">{errors["visibility"]}</p>}
      <p class="hint">
        Readers learn the title and the description, the names and groups that you give to monitors, how each
        of them is now and was on each of the last 90 days, what you write about incidents, and when
        maintenance is planned. They never learn the names of monitors, collections, workspaces, runners or
        people, nor addresses, errors, or the names and reasons of maintenance windows.
      </p>
      <label class="check choice">
        <input type="checkbox" name="indexed" value="yes" checked={values.indexed} />
        <span>Search engines may list it</span>
      </label>
    </fieldset>
  );
}
