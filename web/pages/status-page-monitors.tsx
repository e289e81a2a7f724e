import { plural } from "../format.ts";
import { page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { Form, type FormErrors, FormMessage } from "../parts/form.tsx";
import { Badges } from "../parts/status-badges.tsx";
import { type EditedPage, StatusPageFrame } from "../parts/status-page-frame.tsx";

export interface EditedEntry {
  /** Null until it is saved. */
  id: string | null;
  monitorId: string;
  monitorName: string;
  shownName: string;
  groupName: string;
}

export interface StatusPageMonitorsProps {
  shell: Shell;
  edited: EditedPage;
  canEdit: boolean;
  saved: boolean;
  entries: EditedEntry[];
  errors?: FormErrors | undefined;
  /** Monitors that can be added, and what was searched for. */
  addable: { id: string; name: string }[];
  search: string;
  /** There are more than are listed. */
  hasMore: boolean;
  /** Of the page, where strangers read it. */
  address: string;
}

/** Which monitors stand on the page, under which names, in which order. */
export const statusPageMonitorsPage = (props: StatusPageMonitorsProps) =>
  page(
    <StatusPageFrame shell={props.shell} edited={props.edited} tab="monitors" canEdit={props.canEdit}>
      {props.saved && (
        <p class="notice" role="status">
          Saved.
        </p>
      )}
      {props.canEdit ? <Editor {...props} /> : <Listing {...props} />}
      {props.entries.some(({ id }) => id !== null) && <Badges {...props} />}
    </StatusPageFrame>,
  );

function Editor(props: StatusPageMonitorsProps) {
  const { shell, edited, entries, errors } = props;
  const unsaved = entries.filter(({ id }) => id === null).length;
  return (
    <>
      <h2>On the page</h2>
      {entries.length === 0 ? (
        <EmptyState title="No monitor is on the page yet">
          Choose monitors below, give each the name that people are to read, and save.
        </EmptyState>
      ) : (
        <Form action={`/status-pages/${edited.id}/monitors`} csrfToken={shell.csrfToken}>
          {/* Enter in a field saves: without it, it would press the first arrow. */}
          <button type="submit" class="visually-hidden" tabindex={-1} aria-hidden="true">
            Save
          </button>
          <FormMessage errors={errors} />
          {unsaved > 0 && (
            <p class="notice warn">
              {plural(unsaved, "monitor")} not saved yet: check the names that people will read, then save.
            </p>
          )}
          <EntryTable entries={entries} errors={errors} />
          <datalist id="groups">
            {[...new Set(entries.map(({ groupName }) => groupName))].filter(Boolean).map((group) => (
              <option value={group} />
            ))}
          </datalist>
          <p class="actions apart">
            <button type="submit" class="button primary">
              Save
            </button>
          </p>
        </Form>
      )}
      <Addable {...props} />
    </>
  );
}

function EntryTable({ entries, errors }: Pick<StatusPageMonitorsProps, "entries" | "errors">) {
  return (
    <table class="list entries-edit">
      <thead>
        <tr>
          <th scope="col">Shown name</th>
          <th scope="col">Group</th>
          <th scope="col">Monitor</th>
          <th scope="col">
            <span class="visually-hidden">Order</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry, index) => (
          <EntryRow
            entry={entry}
            errors={errors}
            isFirst={index === 0}
            isLast={index === entries.length - 1}
          />
        ))}
      </tbody>
    </table>
  );
}

interface EntryRowProps {
  entry: EditedEntry;
  errors: FormErrors | undefined;
  isFirst: boolean;
  isLast: boolean;
}

function EntryRow({ entry, errors, isFirst, isLast }: EntryRowProps) {
  const { monitorId, monitorName, shownName, groupName } = entry;
  return (
    <tr class={entry.id === null ? "tone-warn" : undefined}>
      <td data-label="Shown name">
        <input type="hidden" name="monitor" value={monitorId} />
        <RowInput
          name={`name-${monitorId}`}
          label={`Shown name of ${monitorName}`}
          value={shownName}
          errors={errors}
        />
      </td>
      <td data-label="Group">
        <RowInput
          name={`group-${monitorId}`}
          label={`Group of ${monitorName}`}
          value={groupName}
          errors={errors}
          list="groups"
        />
      </td>
      <td class="name" data-label="Monitor">
        <a href={`/monitors/${monitorId}`}>{monitorName}</a>
        {entry.id === null && <span class="sub">not saved yet</span>}
      </td>
      <td class="end">
        <MoveButton way="up" label={`Move ${shownName} up`} monitorId={monitorId} disabled={isFirst} />{" "}
        <MoveButton way="down" label={`Move ${shownName} down`} monitorId={monitorId} disabled={isLast} />{" "}
        <button
          type="submit"
          name="remove"
          value={monitorId}
          class="button small danger"
          aria-label={`Remove ${shownName}`}
        >
          Remove
        </button>
      </td>
    </tr>
  );
}

interface RowInputProps {
  name: string;
  label: string;
  value: string;
  errors: FormErrors | undefined;
  list?: string;
}

function RowInput({ name, label, value, errors, list }: RowInputProps) {
  const message = errors?.[name];
  return (
    <span class={message ? "field wrong" : "field"}>
      <input
        name={name}
        value={value}
        list={list}
        aria-label={label}
        aria-invalid={message ? "true" : undefined}
        aria-describedby={message ? `message-${name}` : undefined}
      />
      {message && (
        <span class="message" id={`message-${name}`}>
          {message}
        </span>
      )}
    </span>
  );
}

interface MoveButtonProps {
  way: "up" | "down";
  label: string;
  monitorId: string;
  disabled: boolean;
}

const MoveButton = ({ way, label, monitorId, disabled }: MoveButtonProps) => (
  <button
    type="submit"
    name="move"
    value={`${way} ${monitorId}`}
    class="button small"
    aria-label={label}
    disabled={disabled}
  >
    {way === "up" ? "↑" : "↓"}
  </button>
);

function Addable({ edited, addable, search, hasMore, entries }: StatusPageMonitorsProps) {
  return (
    <section class="panel" aria-labelledby="add-heading">
      <h2 id="add-heading">Add monitors</h2>
      <form method="get" action={`/status-pages/${edited.id}`} class="add-monitors">
        <div class="search">
          <input type="search" name="q" value={search} aria-label="Search monitors" placeholder="Search" />
          <button type="submit" class="button">
            Search
          </button>
        </div>
        {entries
          .filter(({ id }) => id === null)
          .map(({ monitorId }) => (
            <input type="hidden" name="add" value={monitorId} />
          ))}
        {addable.length === 0 ? (
          <p class="dim">
            {search === ""
              ? "There is no other monitor in the workspace."
              : "No monitor has this in its name."}
          </p>
        ) : (
          <>
            <ul class="plain choices">
              {addable.map(({ id, name }) => (
                <li>
                  <label class="check">
                    <input type="checkbox" name="add" value={id} />
                    {name}
                  </label>
                </li>
              ))}
            </ul>
            {hasMore && <p class="dim">There are more: search for them by name.</p>}
            <button type="submit" class="button">
              Put the chosen ones on the list
            </button>
          </>
        )}
      </form>
    </section>
  );
}

const Listing = ({ entries }: StatusPageMonitorsProps) => (
  <table class="list apart">
    <thead>
      <tr>
        <th scope="col">Shown name</th>
        <th scope="col">Group</th>
        <th scope="col">Monitor</th>
      </tr>
    </thead>
    <tbody>
      {entries.map((entry) => (
        <tr>
          <td class="name">{entry.shownName}</td>
          <td data-label="Group">{entry.groupName}</td>
          <td data-label="Monitor">
            <a href={`/monitors/${entry.monitorId}`}>{entry.monitorName}</a>
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);
