import type { Shell } from "../layout.tsx";
import { control, Field, type FormErrors, FormMessage, TextField } from "./form.tsx";

export interface RunnerValues {
  name: string;
  description: string;
  visibility: "all" | "selected";
  workspaceIds: string[];
}

interface RunnerFieldsProps {
  shell: Shell;
  values: RunnerValues;
  errors?: FormErrors | undefined;
}

/** What a person decides about a runner. */
export const RunnerFields = ({ shell, values, errors }: RunnerFieldsProps) => (
  <>
    <FormMessage errors={errors} />
    <TextField
      name="name"
      label="Name"
      value={values.name}
      errors={errors}
      required
      hint="Where it stands, e.g. “Berlin datacenter”."
    />
    <TextField name="description" label="Description" value={values.description} errors={errors} />
    <Field name="visibility" label="Visible to" errors={errors}>
      <select {...control("visibility", errors)}>
        <option value="all" selected={values.visibility === "all"}>
          All workspaces
        </option>
        <option value="selected" selected={values.visibility === "selected"}>
          Selected workspaces
        </option>
      </select>
    </Field>
    <fieldset>
      <legend>Workspaces, when selected</legend>
      {shell.workspaces.map((workspace) => (
        <label class="check">
          <input
            type="checkbox"
            name="workspaces"
            value={workspace.id}
            checked={values.workspaceIds.includes(workspace.id)}
          />
          {workspace.name}
        </label>
      ))}
    </fieldset>
  </>
);
