import { Layout, page } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Field, Form, FormMessage, SelectField, TextField, control } from "../parts/form.tsx";
import { type MonitorFormProps, Placement, Schedule } from "../parts/monitor-fields.tsx";
import { Kept } from "../parts/monitor-kept.tsx";

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
      <Place {...props} />
      <Schedule {...props} />
      <Placement {...props} />
      <SecondTries {...props} />
      <Kept {...props} />
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
  const collection = nameIn(collections, values.collectionId) ?? "a collection";
  const environment = nameIn(environments, values.environmentId) ?? "an environment";
  return (
    <p class="dim">
      {values.environmentId === "" ? `Runs ${collection}.` : `Runs ${collection} with ${environment}.`} For
      another collection or environment, make another monitor.
    </p>
  );
}

function Place({ values, errors, folders }: MonitorFormProps) {
  return (
    <div class="pair">
      <Field
        name="folder"
        label="Folder"
        errors={errors}
        hint="Groups monitors on the overview, such as checkout/eu."
      >
        <input {...control("folder", errors, true)} value={values.folder} list="folders" autocomplete="off" />
      </Field>
      <datalist id="folders">
        {folders.map((folder) => (
          <option value={folder} />
        ))}
      </datalist>
      <TextField
        name="tags"
        label="Tags"
        value={values.tags}
        errors={errors}
        placeholder="payments, eu"
        hint="Lower case words, separated by commas."
      />
    </div>
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
