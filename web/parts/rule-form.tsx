import { withQuery } from "../format.ts";
import type { Shell } from "../layout.tsx";
import { control, Field, Form, type FormErrors, FormMessage, SelectField, TextField } from "./form.tsx";

export interface RuleValues {
  name: string;
  active: boolean;
  channelIds: string[];
  /** `every`, or after how many in a row. */
  when: string;
  onFailure: boolean;
  onError: boolean;
  onMissed: boolean;
  onRunner: boolean;
  onRecovery: boolean;
  quorum: string;
  latencyMs: string;
  latencyOf: string;
  certificateDays: string;
  notificationLimit: string;
  reminderMinutes: string;
}

export interface RuleFormProps {
  shell: Shell;
  workspaceId: string;
  /** Absent for a new one. */
  ruleId?: string | undefined;
  /** Null = every monitor of the workspace. */
  monitorId: string | null;
  values: RuleValues;
  channels: { id: string; name: string; kindName: string }[];
  errors?: FormErrors | undefined;
}

/** When to tell, and through which channels: what most people want is above, the rest is folded. */
export function RuleForm(props: RuleFormProps) {
  const { shell, ruleId, values, channels, errors } = props;
  const action =
    ruleId === undefined
      ? withQuery("/alerts/rules", { monitor: props.monitorId ?? undefined, workspace: props.workspaceId })
      : `/alerts/rules/${ruleId}`;
  return (
    <Form action={action} csrfToken={shell.csrfToken} class="form">
      <FormMessage errors={errors} />
      <fieldset class="placement">
        <legend>Through</legend>
        {channels.map((channel) => (
          <label class="check">
            <input
              type="checkbox"
              name="channels"
              value={channel.id}
              checked={values.channelIds.includes(channel.id)}
            />
            <span>
              {channel.name} <span class="dim">{channel.kindName}</span>
            </span>
          </label>
        ))}
        {errors?.["channelIds"] && (
          <p class="message">
            <span aria-hidden="true">✕ </span>
            {errors["channelIds"]}
          </p>
        )}
      </fieldset>
      <When values={values} errors={errors} />
      <details class="more" open={hasMore(values) || hasErrors(errors)}>
        <summary>Latency, certificates, reminders, limits</summary>
        <More values={values} errors={errors} />
      </details>
      {ruleId !== undefined && (
        <label class="check">
          <input type="checkbox" name="active" value="yes" checked={values.active} />
          In use
        </label>
      )}
      <div class="actions">
        <button type="submit" class="button primary">
          {ruleId === undefined ? "Add rule" : "Save"}
        </button>
      </div>
    </Form>
  );
}

type PartProps = Pick<RuleFormProps, "values" | "errors">;

const inARow = [
  { value: "every", label: "Every failure, from the first" },
  { value: "1", label: "The first failure" },
  { value: "2", label: "After 2 failures in a row" },
  { value: "3", label: "After 3 failures in a row" },
  { value: "5", label: "After 5 failures in a row" },
  { value: "10", label: "After 10 failures in a row" },
];

function When({ values, errors }: PartProps) {
  const known = inARow.some(({ value }) => value === values.when);
  const own = { value: values.when, label: `After ${values.when} failures in a row` };
  return (
    <fieldset class="placement">
      <legend>When</legend>
      <SelectField
        name="when"
        label="Tell of"
        value={values.when}
        errors={errors}
        options={known ? inARow : [...inARow, own]}
      />
      <Box name="onFailure" checked={values.onFailure}>
        The API failed: a test failed, or it did not answer
      </Box>
      <Box name="onError" checked={values.onError}>
        The run could not tell: a script, a name, a policy or a time limit was in its way
      </Box>
      <Box name="onMissed" checked={values.onMissed}>
        A slot was missed, or its runner died
      </Box>
      <Box name="onRunner" checked={values.onRunner}>
        A runner of the monitor went silent
      </Box>
      <Box name="onRecovery" checked={values.onRecovery}>
        It is well again
      </Box>
      {errors?.["onFailure"] && (
        <p class="message">
          <span aria-hidden="true">✕ </span>
          {errors["onFailure"]}
        </p>
      )}
    </fieldset>
  );
}

function Box({ name, checked, children }: { name: string; checked: boolean; children: string }) {
  return (
    <label class="check">
      <input type="checkbox" name={name} value="yes" checked={checked} />
      {children}
    </label>
  );
}

function More({ values, errors }: PartProps) {
  const amount = (name: NumberField, label: string, hint: string) => (
    <Field name={name} label={label} errors={errors} hint={hint}>
      <input type="number" min="1" {...control(name, errors, true)} value={values[name]} />
    </Field>
  );
  return (
    <div class="form">
      <TextField
        name="name"
        label="Name of the rule"
        value={values.name}
        errors={errors}
        hint="Empty: it is called by what it does."
      />
      <div class="pair">
        {amount("latencyMs", "Slower than, in ms", "Empty: latency is not watched.")}
        <SelectField
          name="latencyOf"
          label="Measured by"
          value={values.latencyOf}
          errors={errors}
          options={[
            { value: "p95", label: "95th percentile of the responses of a run" },
            { value: "slowest", label: "Slowest response of a run" },
            { value: "run", label: "Whole run" },
          ]}
        />
      </div>
      <div class="pair">
        {amount("certificateDays", "Days before a certificate ends", "Empty: certificates are not watched.")}
        {amount("quorum", "Runners on which it must fail", "Of a monitor that runs on several at once.")}
      </div>
      <div class="pair">
        {amount("reminderMinutes", "Remind every so many minutes", "Empty: no reminders. At least 5.")}
        {amount("notificationLimit", "Messages at most", "Of one alert; recovery is told beyond it.")}
      </div>
    </div>
  );
}

const numberFields = [
  "latencyMs",
  "certificateDays",
  "quorum",
  "reminderMinutes",
  "notificationLimit",
] as const;
type NumberField = (typeof numberFields)[number];

const hasMore = (values: RuleValues): boolean =>
  values.name !== "" ||
  numberFields.some((name) => values[name] !== "" && (name !== "quorum" || values[name] !== "1"));

const hasErrors = (errors: FormErrors | undefined): boolean =>
  ["name", "latencyOf", ...numberFields].some((name) => errors?.[name] !== undefined);
