import { withQuery } from "../format.ts";
import { Layout, page, type Shell } from "../layout.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { FormMessage, type FormErrors, SelectField, TextField } from "../parts/form.tsx";
import { Pager } from "../parts/pager.tsx";
import { Time } from "../parts/time.tsx";

export interface AuditRow {
  at: Date;
  /** "Collection: created". */
  title: string;
  /** Name of who did it, or of what did it. */
  actor: string;
  via: string;
  subjectId: string;
  address: string | null;
  userAgent: string | null;
  change: Record<string, unknown>;
}

export interface AuditFilterValues {
  userId: string;
  action: string;
  since: string;
  until: string;
}

export interface AuditProps {
  shell: Shell;
  rows: AuditRow[];
  values: AuditFilterValues;
  users: { id: number; name: string }[];
  actions: { name: string; displayName: string }[];
  /** Cursor of the next page. */
  next?: string | undefined;
  errors?: FormErrors | undefined;
}

/** Who changed what. */
export const auditPage = ({ shell, rows, values, users, actions, next, errors }: AuditProps) =>
  page(
    <Layout title="Audit trail" shell={shell}>
      <div class="head">
        <h1>Audit trail</h1>
      </div>
      <Filter values={values} users={users} actions={actions} errors={errors} />
      {rows.length === 0 ? (
        <EmptyState title="Nothing found">Every change leaves a record here; widen the filter.</EmptyState>
      ) : (
        <AuditTable shell={shell} rows={rows} />
      )}
      <Pager next={next && withQuery("/audit", { ...values, cursor: next })} />
    </Layout>,
  );

function Filter({
  values,
  users,
  actions,
  errors,
}: Pick<AuditProps, "values" | "users" | "actions" | "errors">) {
  return (
    <form class="filters" method="get" action="/audit">
      <FormMessage errors={errors} />
      <SelectField
        name="userId"
        label="Who"
        value={values.userId}
        options={[
          { value: "", label: "Anybody" },
          ...users.map(({ id, name }) => ({ value: String(id), label: name })),
        ]}
      />
      <SelectField
        name="action"
        label="What"
        value={values.action}
        options={[
          { value: "", label: "Anything" },
          ...actions.map(({ name, displayName }) => ({ value: name, label: displayName })),
        ]}
      />
      <TextField name="since" label="From" value={values.since} placeholder="2026-05-01" />
      <TextField name="until" label="Until" value={values.until} placeholder="2026-05-31" />
      <button type="submit" class="button">
        Filter
      </button>
    </form>
  );
}

function AuditTable({ shell, rows }: { shell: Shell; rows: AuditRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">Who</th>
          <th scope="col">What</th>
          <th scope="col">Before and after</th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="when">
              <Time at={row.at} now={shell.now} />
            </td>
            <td class="who" data-label="Who">
              {row.actor}
              <span class="sub">{row.via.replaceAll("_", " ")}</span>
            </td>
            <td class="long" data-label="What">
              {row.title}
              <span class="sub">
                <code>{row.subjectId}</code>
              </span>
            </td>
            <td class="long" data-label="Before and after">
              <Change change={row.change} />
            </td>
            <td class="long" data-label="From">
              {row.address}
              <span class="sub">{row.userAgent}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Change({ change }: { change: Record<string, unknown> }) {
  if (Object.keys(change).length === 0) return <span class="dim">–</span>;
  return (
    <details>
      <summary>{summaryOf(change)}</summary>
      <pre>{JSON.stringify(change, null, 2)}</pre>
    </details>
  );
}

/** The names of what changed; the rest is one click away. */
function summaryOf(change: Record<string, unknown>): string {
  const sides = [change["before"], change["after"]].filter(
    (side) => typeof side === "object" && side !== null,
  );
  const names = (sides.length > 0 ? sides : [change]).flatMap((side) => Object.keys(side));
  const unique = [...new Set(names)];
  return unique.length > 4
    ? `${unique.slice(0, 4).join(", ")} and more`
    : unique.join(", ") || "no difference";
}
