import { plural } from "../format.ts";
import { page, type Shell } from "../layout.tsx";
import { Diff, type DiffElementProps } from "../parts/diff.tsx";
import { Form, type FormErrors, FormMessage, SelectField, TextField } from "../parts/form.tsx";
import type { MonitorUse } from "../parts/monitor-uses.tsx";
import { PreviewActions } from "../parts/preview-actions.tsx";
import { Time } from "../parts/time.tsx";
import { EditLayout, type EditSubject } from "./collection-edit.tsx";

type Deed = "add" | "duplicate" | "move" | "delete";

interface ArrangeProps {
  shell: Shell;
  /** The folder or request; the collection for what is added. */
  subject: EditSubject;
  deed: Deed;
  /** Where the form goes. */
  action: string;
  /** Of the form, by the names of its fields. */
  fields: Record<string, string>;
  /** The revision that is changed. */
  revision: number;
}

interface FormProps extends ArrangeProps {
  /** In reading order. */
  folders: { id: string; name: string; depth: number }[];
  errors?: FormErrors | undefined;
}

const titles: Record<Deed, (name: string) => string> = {
  add: (name) => `Add to ${name}`,
  duplicate: (name) => `Duplicate ${name}`,
  move: (name) => `Move ${name}`,
  delete: (name) => `Delete ${name}?`,
};

export const arrangeFormPage = (props: FormProps) => {
  const { shell, subject, deed, action, revision, errors } = props;
  return page(
    <EditLayout shell={shell} subject={subject} title={titles[deed](subject.name)}>
      <Form action={action} csrfToken={shell.csrfToken} class="form">
        <input type="hidden" name="revision" value={String(revision)} />
        <FormMessage errors={errors} />
        {deed === "add" && <AddFields {...props} />}
        {deed === "duplicate" && <NameField {...props} />}
        {deed === "move" && <MoveFields {...props} />}
        <PreviewActions cancel={subject.href} />
      </Form>
    </EditLayout>,
  );
};

const NameField = ({ fields, errors }: FormProps) => (
  <TextField name="name" label="Name" value={fields["name"]} errors={errors} autocomplete="off" required />
);

function AddFields(props: FormProps) {
  const { fields, errors } = props;
  return (
    <fieldset class="choose">
      <legend>What is added</legend>
      <SelectField
        name="kind"
        label="Kind"
        value={fields["kind"]}
        options={[
          { value: "request", label: "request" },
          { value: "folder", label: "folder" },
        ]}
        errors={errors}
      />
      <NameField {...props} />
      <div data-of="request">
        <SelectField
          name="method"
          label="Method"
          value={fields["method"]}
          options={["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].map((value) => ({
            value,
            label: value,
          }))}
          errors={errors}
        />
        <TextField
          name="url"
          label="URL"
          value={fields["url"]}
          errors={errors}
          autocomplete="off"
          hint="Everything else of a request is edited once it is there."
        />
      </div>
      <FolderField {...props} label="At the end of" />
    </fieldset>
  );
}

const places = [
  { value: "last", label: "at the end" },
  { value: "first", label: "at the beginning" },
  { value: "up", label: "one up from where it is" },
  { value: "down", label: "one down from where it is" },
];

const MoveFields = (props: FormProps) => (
  <>
    <FolderField {...props} label="Folder" />
    <SelectField
      name="place"
      label="Place in it"
      value={props.fields["place"]}
      options={places}
      errors={props.errors}
    />
  </>
);

const FolderField = ({ subject, fields, folders, errors, label }: FormProps & { label: string }) => (
  <SelectField
    name="into"
    label={label}
    value={fields["into"]}
    options={[
      { value: "", label: `${subject.collection.name} (the collection itself)` },
      ...folders.map(({ id, name, depth }) => ({ value: id, label: `${"— ".repeat(depth + 1)}${name}` })),
    ]}
    errors={errors}
  />
);

interface PreviewProps extends ArrangeProps {
  elements: DiffElementProps[];
  /** Elements beyond those. */
  left: number;
  /** What a folder holds that is deleted. */
  counts?: { requests: number; folders: number } | undefined;
  /** Monitors that run the collection of what is deleted. */
  uses?: { monitors: MonitorUse[]; total: number } | undefined;
  /** Who saved after the form was opened, so that this is not what was seen before. */
  overtakenBy?: { name: string; at: Date } | undefined;
}

/** What saving would change, before anything is saved. */
export const arrangePreviewPage = (props: PreviewProps) => {
  const { shell, subject, deed, revision, elements, left, overtakenBy } = props;
  const isDelete = deed === "delete";
  return page(
    <EditLayout shell={shell} subject={subject} title={titles[deed](subject.name)}>
      {overtakenBy && (
        <p class="notice warn" role="alert">
          <span aria-hidden="true">! </span>
          {overtakenBy.name} saved revision {revision} <Time at={overtakenBy.at} now={shell.now} />, after you
          had opened the form. Nothing of yours is saved. Look again at what would change now.
        </p>
      )}
      {isDelete && <Consequences {...props} />}
      {isDelete && <Decision {...props} />}
      <h2>What changes</h2>
      <Diff elements={elements} />
      {left > 0 && <p class="dim">{`${plural(left, "more element")} not shown`}</p>}
      {!isDelete && <Decision {...props} />}
    </EditLayout>,
  );
};

/** What saves it. A deletion may show more than a screen of what goes: there it stands above. */
function Decision({ shell, subject, deed, action, fields, revision }: PreviewProps) {
  const isDelete = deed === "delete";
  return (
    <Form action={action} csrfToken={shell.csrfToken} class="form arrange">
      <input type="hidden" name="revision" value={String(revision)} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <TextField
        name="message"
        label="Note"
        hint="Why; it stands in the list of revisions. May be empty."
        autocomplete="off"
      />
      <div class="actions">
        <button
          type="submit"
          class={isDelete ? "button danger solid" : "button primary"}
          name="action"
          value="save"
        >
          {isDelete ? `Delete ${subject.name}` : `Save as revision ${revision + 1}`}
        </button>
        {!isDelete && (
          <button type="submit" class="button" name="action" value="edit">
            Go on editing
          </button>
        )}
        <a class="button" href={subject.href}>
          {isDelete ? "Keep it" : "Drop the changes"}
        </a>
      </div>
    </Form>
  );
}

/** Whose runs a deletion changes, by name. */
function Consequences({ subject, counts, uses }: PreviewProps) {
  const held = counts ? counts.requests + counts.folders : 0;
  return (
    <>
      {subject.kind === "folder" && held > 0 && counts && (
        <p>
          {counts.folders === 0
            ? `It holds ${plural(counts.requests, "request")}.`
            : `It holds ${plural(counts.requests, "request")} and ${plural(counts.folders, "folder")}.`}
        </p>
      )}
      {uses && uses.total > 0 ? (
        <>
          <p>{`${plural(uses.total, "monitor")} will run the collection without it from the next run on:`}</p>
          <ul class="plain uses">
            {uses.monitors.map(({ id, name }) => (
              <li>
                <a href={`/monitors/${id}`}>{name}</a>
              </li>
            ))}
          </ul>
          {uses.total > uses.monitors.length && (
            <p class="dim">{`and ${plural(uses.total - uses.monitors.length, "more monitor")}`}</p>
          )}
        </>
      ) : (
        <p>No monitor runs this collection.</p>
      )}
      <p class="dim">The deletion is a revision: it can be undone.</p>
    </>
  );
}
