import { Layout, page, type Shell } from "../layout.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton, Form, FormMessage, SelectField, TextField, type FormErrors } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

export interface KeyRow {
  id: string;
  name: string;
  prefix: string;
  scopes: string[] | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
}

export interface KeysProps {
  shell: Shell;
  rows: KeyRow[];
  /** Only in the answer to the POST that made it. */
  created?: { name: string; key: string } | undefined;
  values: { name: string; expires: string };
  errors?: FormErrors;
}

const lifetimes = [
  { value: "", label: "Never" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
];

export const keysPage = ({ shell, rows, created, values, errors }: KeysProps) =>
  page(
    <Layout title="API keys" shell={shell}>
      <div class="head">
        <h1>API keys</h1>
      </div>
      {created && (
        <section class="panel" aria-labelledby="created-heading">
          <h2 id="created-heading">{created.name}</h2>
          <p class="notice warn">This is shown once: the key is not stored.</p>
          <CopyBox id="new-key" text={created.key} label="API key" />
        </section>
      )}
      <div class="columns">
        <div>
          {rows.length === 0 ? (
            <EmptyState title="No keys yet">
              Programs use the API below <code>/api</code> with a key in the header <code>X-Api-Key</code>.
            </EmptyState>
          ) : (
            <KeyTable shell={shell} rows={rows} />
          )}
        </div>
        <Form action="/keys" csrfToken={shell.csrfToken} class="form panel">
          <h2>New key</h2>
          <FormMessage errors={errors} />
          <TextField
            name="name"
            label="Name"
            value={values.name}
            errors={errors}
            required
            hint="What uses it, e.g. “deploy pipeline”."
          />
          <SelectField
            name="expires"
            label="Expires"
            value={values.expires}
            errors={errors}
            options={lifetimes}
          />
          <button type="submit" class="button primary">
            Create key
          </button>
        </Form>
      </div>
    </Layout>,
  );

function KeyTable({ shell, rows }: { shell: Shell; rows: KeyRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Created</th>
          <th scope="col">Last used</th>
          <th scope="col">Expires</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr class={row.revokedAt ? "off" : undefined}>
            <td class="name">
              {row.name}
              <span class="sub">
                <code>{row.prefix}…</code> {row.scopes && row.scopes.join(", ")}
              </span>
            </td>
            <td data-label="Created">
              <Time at={row.createdAt} now={shell.now} />
            </td>
            <td data-label="Last used">
              <Time at={row.lastUsedAt} now={shell.now} />
            </td>
            <td data-label="Expires">
              <Time at={row.expiresAt} now={shell.now} />
            </td>
            <td class="end">
              {row.revokedAt ? (
                <span class="dim">revoked</span>
              ) : (
                <ActionButton
                  action={`/keys/${row.id}/revoke`}
                  csrfToken={shell.csrfToken}
                  label="Revoke"
                  class="small"
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
