import { withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { ChooseMonitors } from "../parts/choose-monitors.tsx";
import { ChooseWorkspace } from "../parts/choose-workspace.tsx";
import {
  control,
  Field,
  Form,
  type FormErrors,
  FormMessage,
  SelectField,
  TextField,
} from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

export interface MaintenanceValues {
  name: string;
  reason: string;
  behaviour: string;
  /** `all`, `monitors` or `tag`. */
  covers: string;
  monitorIds: string[];
  tag: string;
  /** `once` or `recurring`. */
  repeat: string;
  /** As `<input type="datetime-local">` has it, in `timezone`; empty = now. */
  from: string;
  to: string;
  cron: string;
  durationMinutes: string;
  timezone: string;
}

export interface MaintenanceFormProps {
  shell: Shell;
  /** Absent while the workspace is not chosen. */
  workspace?: { id: string; name: string } | undefined;
  /** Absent for a new one. */
  window?: { id: string; name: string; isOpen: boolean } | undefined;
  values: MaintenanceValues;
  monitors: { id: string; name: string; folder: string }[];
  tags: string[];
  timezones: string[];
  /** Of a recurring one as entered. */
  nextStarts: Date[];
  errors?: FormErrors | undefined;
}

export const maintenanceFormPage = (props: MaintenanceFormProps) => {
  const { shell, window, workspace } = props;
  const title = window ? `Edit ${window.name}` : "New maintenance";
  return page(
    <Layout title={title} shell={shell} section="alerts">
      <p class="crumbs">
        <a href="/maintenance">Maintenance</a>
        {workspace && ` / ${workspace.name}`}
      </p>
      <h1>{title}</h1>
      {workspace ? (
        <MaintenanceForm {...props} workspace={workspace} />
      ) : (
        <ChooseWorkspace shell={shell} path="/maintenance/new" />
      )}
    </Layout>,
  );
};

type FormProps = MaintenanceFormProps & { workspace: { id: string; name: string } };

function MaintenanceForm(props: FormProps) {
  const { shell, window, workspace, values, errors } = props;
  const action = window
    ? `/maintenance/${window.id}`
    : withQuery("/maintenance", { workspace: workspace.id });
  return (
    <Form action={action} csrfToken={shell.csrfToken} class="form">
      <FormMessage errors={errors} />
      <TextField
        name="name"
        label="What is done"
        value={values.name}
        errors={errors}
        required
        autofocus={!window}
        placeholder="Database upgrade"
        hint="Status pages show it to whoever reads them."
      />
      <TextField
        name="reason"
        label="Reason"
        value={values.reason}
        errors={errors}
        hint="For your colleagues: who does it, a ticket. Optional."
      />
      <Subject {...props} />
      <Times {...props} />
      <fieldset class="placement">
        <legend>What happens to the monitors</legend>
        <Choice name="behaviour" value="skip" chosen={values.behaviour}>
          They do not run: slots are skipped, and the ledger says why
        </Choice>
        <Choice name="behaviour" value="silence" chosen={values.behaviour}>
          They run, and nobody is alerted
        </Choice>
        <p class="hint">Reports leave the time out either way.</p>
      </fieldset>
      <div class="actions">
        <button type="submit" class="button primary">
          {window ? "Save" : "Create maintenance"}
        </button>
        <button type="submit" class="button" name="preview" value="yes">
          Preview
        </button>
        <a class="button" href="/maintenance">
          Cancel
        </a>
      </div>
    </Form>
  );
}

function Choice(props: { name: string; value: string; chosen: string; children: string }) {
  return (
    <label class="check">
      <input type="radio" name={props.name} value={props.value} checked={props.chosen === props.value} />
      {props.children}
    </label>
  );
}

function Subject({ workspace, values, errors, monitors, tags }: FormProps) {
  return (
    <fieldset class="placement">
      <legend>For which monitors</legend>
      <Choice name="covers" value="all" chosen={values.covers}>
        {`Every monitor of ${workspace.name}`}
      </Choice>
      {tags.length > 0 && (
        <Choice name="covers" value="tag" chosen={values.covers}>
          Those with a tag
        </Choice>
      )}
      {tags.length > 0 && (
        <div class="nested">
          <SelectField
            name="tag"
            label="Tag"
            value={values.tag}
            errors={errors}
            options={tags.map((tag) => ({ value: tag, label: tag }))}
          />
        </div>
      )}
      {monitors.length > 0 && (
        <Choice name="covers" value="monitors" chosen={values.covers}>
          These
        </Choice>
      )}
      {monitors.length > 0 && (
        <div class="nested">
          <ChooseMonitors name="monitors" label="Monitors" monitors={monitors} chosen={values.monitorIds} />
        </div>
      )}
      {errors?.["monitors"] && (
        <p class="message">
          <span aria-hidden="true">✕ </span>
          {errors["monitors"]}
        </p>
      )}
    </fieldset>
  );
}

const examples = [
  { cron: "0 2 * * *", label: "Every day at 2:00" },
  { cron: "0 2 * * 0", label: "Sundays at 2:00" },
  { cron: "0 22 * * 1-5", label: "Monday to Friday at 22:00" },
  { cron: "0 3 1 * *", label: "The first of every month at 3:00" },
];

function Times({ shell, window, values, errors, timezones, nextStarts }: FormProps) {
  const moment = (name: "from" | "to", label: string, hint?: string) => (
    <Field name={name} label={label} errors={errors} hint={hint}>
      <input
        type="datetime-local"
        {...control(name, errors, hint !== undefined)}
        value={values[name]}
        disabled={name === "from" && window?.isOpen}
      />
    </Field>
  );
  return (
    <fieldset class="placement">
      <legend>When</legend>
      <Field name="timezone" label="Time zone" errors={errors}>
        <input {...control("timezone", errors)} value={values.timezone} list="timezones" autocomplete="off" />
      </Field>
      <datalist id="timezones">
        {timezones.map((timezone) => (
          <option value={timezone} />
        ))}
      </datalist>
      <Choice name="repeat" value="once" chosen={values.repeat}>
        Once
      </Choice>
      <div class="nested pair">
        {moment("from", "From", window?.isOpen ? "It has begun." : "Empty: from now on.")}
        {moment("to", "To")}
      </div>
      <Choice name="repeat" value="recurring" chosen={values.repeat}>
        Again and again
      </Choice>
      <div class="nested pair">
        <Field
          name="cron"
          label="Begins (cron)"
          errors={errors}
          hint="Minute, hour, day of month, month, day of week: 0 2 * * 0 is every Sunday at 2:00."
        >
          <input {...control("cron", errors, true)} value={values.cron} list="crons" autocomplete="off" />
        </Field>
        <Field name="durationMinutes" label="Lasts, in minutes" errors={errors}>
          <input
            type="number"
            min="1"
            max="44640"
            {...control("durationMinutes", errors)}
            value={values.durationMinutes}
          />
        </Field>
      </div>
      <datalist id="crons">
        {examples.map(({ cron, label }) => (
          <option value={cron}>{label}</option>
        ))}
      </datalist>
      {nextStarts.length > 0 && (
        <div class="notice" role="status">
          <p>It would begin</p>
          <ul class="plain">
            {nextStarts.map((at) => (
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
