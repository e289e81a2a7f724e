import { Layout, page, type Shell } from "../layout.tsx";
import { control, Field, Form, type FormErrors, FormMessage, TextField } from "../parts/form.tsx";

export interface MuteProps {
  shell: Shell;
  /** `monitor=ID` or `rule=ID`. */
  query: string;
  name: string;
  what: "monitor" | "rule";
  values: { until: string; date: string; reason: string };
  timezone: string;
  back: string;
  errors?: FormErrors | undefined;
}

const choices = [
  { value: "1h", label: "For an hour" },
  { value: "4h", label: "For four hours" },
  { value: "tomorrow", label: "Until tomorrow, 9:00" },
  { value: "passes", label: "Until it passes" },
  { value: "date", label: "Until" },
];

/** For how long somebody wants to hear nothing. */
export const mutePage = ({ shell, name, what, ...props }: MuteProps) =>
  page(
    <Layout title={`Mute ${name}`} shell={shell} section="alerts">
      <p class="crumbs">
        <a href={props.back}>{name}</a>
      </p>
      <h1>{`Mute ${name}`}</h1>
      <Form action={`/alerts/mute?${props.query}`} csrfToken={shell.csrfToken} class="form">
        <FormMessage errors={props.errors} />
        <p class="dim">
          {what === "monitor"
            ? "It goes on running. Messages about it are noted in the log and not sent."
            : "Messages of this rule are noted in the log and not sent; other rules go on."}
        </p>
        <fieldset class="placement">
          <legend>How long</legend>
          {choices.map(({ value, label }) => (
            <label class="check">
              <input type="radio" name="until" value={value} checked={props.values.until === value} />
              {label}
            </label>
          ))}
          <div class="nested">
            <Field name="date" label={`Date and time (${props.timezone})`} errors={props.errors}>
              <input type="datetime-local" {...control("date", props.errors)} value={props.values.date} />
            </Field>
          </div>
        </fieldset>
        <TextField
          name="reason"
          label="Why"
          value={props.values.reason}
          errors={props.errors}
          hint="Your colleagues see it with your name. Optional."
        />
        <div class="actions">
          <button type="submit" class="button primary">
            Mute
          </button>
          <a class="button" href={props.back}>
            Cancel
          </a>
        </div>
      </Form>
    </Layout>,
  );
