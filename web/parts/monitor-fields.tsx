import type { Shell } from "../layout.tsx";
import { Field, SelectField, TextField, control, type FormErrors } from "./form.tsx";
import { Time } from "./time.tsx";

export interface MonitorValues {
  name: string;
  folder: string;
  /** As typed: separated by commas or spaces. */
  tags: string;
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
  /** `failed`, `all` or `none`. */
  keepRequests: string;
  keepResponses: string;
  /** As typed. */
  keepDays: string;
  keepRunDays: string;
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
  /** Those in use, to choose from. */
  folders: string[];
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

/** When it runs, with the next runs of what was entered. */
export function Schedule({ shell, values, errors, timezones, nextRuns }: MonitorFormProps) {
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

/** Which runners run it. */
export function Placement({ shell, values, errors, runners }: MonitorFormProps) {
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
