import { Layout, page, type Shell } from "../layout.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { EmptyState } from "../parts/empty-state.tsx";
import { ActionButton, Form, FormMessage, SelectField, TextField, type FormErrors } from "../parts/form.tsx";
import { Pager } from "../parts/pager.tsx";
import { Tabs } from "../parts/tabs.tsx";
import { Time } from "../parts/time.tsx";

export interface KeyRow {
  id: string;
  name: string;
  email: string;
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
  /** Address of the next page. */
  next?: string | undefined;
  /** For admins: everybody's keys instead of one's own. */
  isAll: boolean;
  /** What a narrowed key can be given, `<area>:read` and `<area>:write`. */
  areas: readonly string[];
  /** Only in the answer to the POST that made it. */
  created?: { name: string; key: string } | undefined;
  values: { name: string; expires: string; rights: "all" | "some"; scopes: string[] };
  errors?: FormErrors | undefined;
}

const lifetimes = [
  { value: "", label: "Never" },
  { value: "30", label: "In 30 days" },
  { value: "90", label: "In 90 days" },
  { value: "365", label: "In a year" },
];

export const keysPage = ({ shell, rows, next, isAll, areas, created, values, errors }: KeysProps) =>
  page(
    <Layout title="API keys" shell={shell}>
      <div class="head">
        <h1>API keys</h1>
      </div>
      {shell.user.isAdmin && <KeyTabs isAll={isAll} />}
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
            <KeyTable shell={shell} rows={rows} isAll={isAll} />
          )}
          <Pager next={next} />
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
          <Rights areas={areas} values={values} errors={errors} />
          <button type="submit" class="button primary">
            Create key
          </button>
        </Form>
      </div>
    </Layout>,
  );

const KeyTabs = ({ isAll }: { isAll: boolean }) => (
  <Tabs
    label="Whose keys"
    tabs={[
      { href: "/keys", label: "Yours", current: !isAll },
      { href: "/keys?of=all", label: "Everybody's", current: isAll },
      { href: "/keys/unknown", label: "Unknown keys", current: false },
    ]}
  />
);

function Rights({ areas, values, errors }: Pick<KeysProps, "areas" | "values" | "errors">) {
  const radio = (value: "all" | "some", label: string) => (
    <label class="check">
      <input type="radio" name="rights" value={value} checked={values.rights === value} />
      {label}
    </label>
  );
  const box = (area: string, access: "read" | "write") => (
    <label class="check">
      <input
        type="checkbox"
        name="scopes"
        value={`${area}:${access}`}
        checked={values.scopes.includes(`${area}:${access}`)}
        aria-label={`${access} ${area}`}
      />
      {access}
    </label>
  );
  return (
    <fieldset class={errors?.["scopes"] ? "field wrong" : undefined}>
      <legend>It may do</legend>
      {radio("all", "Everything that you may do")}
      {radio("some", "Only what is checked here")}
      <table class="scopes">
        {areas.map((area) => (
          <tr>
            <th scope="row">{area}</th>
            <td>{box(area, "read")}</td>
            <td>{box(area, "write")}</td>
          </tr>
        ))}
      </table>
      {errors?.["scopes"] && (
        <p class="message">
          <span aria-hidden="true">✕ </span>
          {errors["scopes"]}
        </p>
      )}
    </fieldset>
  );
}

function KeyTable({ shell, rows, isAll }: { shell: Shell; rows: KeyRow[]; isAll: boolean }) {
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
              <a href={`/keys/${row.id}`}>{row.name}</a>
              <span class="sub">
                <code>{row.prefix}…</code> {isAll && row.email} {row.scopes && row.scopes.join(", ")}
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
