import { control, Field, SelectField } from "./form.tsx";
import type { MonitorFormProps } from "./monitor-fields.tsx";

const ofSteps = [
  { value: "failed", label: "Of steps that failed" },
  { value: "all", label: "Of all steps" },
  { value: "none", label: "Of no step" },
];

/** What the runs of a monitor leave behind, and for how long. */
export function Kept({ values, errors }: MonitorFormProps) {
  return (
    <fieldset>
      <legend>What is kept</legend>
      <div class="pair">
        <SelectField
          name="keepResponses"
          label="Responses: headers and body"
          value={values.keepResponses}
          errors={errors}
          options={ofSteps}
          hint="What is not kept never leaves the runner."
        />
        <SelectField
          name="keepRequests"
          label="Requests: headers and body"
          value={values.keepRequests}
          errors={errors}
          options={ofSteps}
          hint="Needed to copy a request as cURL or compare it."
        />
      </div>
      <div class="pair">
        <Field
          name="keepDays"
          label="Days that steps are kept"
          errors={errors}
          hint="Requests, tests, console: 1 to 400."
        >
          <input
            type="number"
            min="1"
            max="400"
            required
            {...control("keepDays", errors, true)}
            value={values.keepDays}
          />
        </Field>
        <Field
          name="keepRunDays"
          label="Days that runs are kept"
          errors={errors}
          hint="Results, the ledger and charts: 1 to 4000. Steps go with their run."
        >
          <input
            type="number"
            min="1"
            max="4000"
            required
            {...control("keepRunDays", errors, true)}
            value={values.keepRunDays}
          />
        </Field>
      </div>
    </fieldset>
  );
}
