import { Layout, page, type Shell } from "../layout.tsx";
import { CopyBox } from "../parts/copy-box.tsx";
import { ActionButton, Form, type FormErrors, FormMessage, SelectField, TextField } from "../parts/form.tsx";
import { Time } from "../parts/time.tsx";

type Role = "admin" | "member";

export interface UserRow {
  id: number;
  name: string;
  email: string;
  role: Role;
  createdAt: Date;
  deactivatedAt: Date | null;
}

export interface InvitationRow {
  id: string;
  email: string;
  role: Role;
  expiresAt: Date;
}

export interface UsersProps {
  shell: Shell;
  /** Of the one who looks. */
  ownId: number;
  rows: UserRow[];
  invitations: InvitationRow[];
  values: { email: string; role: Role };
  errors?: FormErrors | undefined;
}

const roles = [
  { value: "member", label: "Member" },
  { value: "admin", label: "Admin" },
];

export const usersPage = ({ shell, ownId, rows, invitations, values, errors }: UsersProps) =>
  page(
    <Layout title="Users" shell={shell}>
      <div class="head">
        <h1>Users</h1>
      </div>
      <div class="columns">
        <div>
          <UserTable shell={shell} ownId={ownId} rows={rows} />
          {invitations.length > 0 && (
            <>
              <h2>Invited</h2>
              <InvitationTable shell={shell} rows={invitations} />
            </>
          )}
        </div>
        <Form action="/users/invitations" csrfToken={shell.csrfToken} class="form panel">
          <h2>Invite somebody</h2>
          <FormMessage errors={errors} />
          <TextField
            name="email"
            label="Email"
            type="email"
            value={values.email}
            errors={errors}
            required
            hint="No mail is sent: you are shown a link to hand over."
          />
          <SelectField
            name="role"
            label="Role"
            value={values.role}
            errors={errors}
            options={roles}
            hint="Admins manage users and runners, and see every workspace."
          />
          <button type="submit" class="button primary">
            Make a link
          </button>
        </Form>
      </div>
    </Layout>,
  );

function UserTable({ shell, ownId, rows }: { shell: Shell; ownId: number; rows: UserRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">Role</th>
          <th scope="col">Since</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr class={row.deactivatedAt ? "off" : undefined}>
            <td class="name">
              {row.name}
              {row.id === ownId && <span class="dim"> (you)</span>}
              <span class="sub">{row.email}</span>
            </td>
            <td data-label="Role">
              {row.deactivatedAt ? <span class="dim">removed</span> : <RoleForm shell={shell} row={row} />}
            </td>
            <td data-label="Since">
              <Time at={row.createdAt} now={shell.now} />
            </td>
            <td class="end">
              <UserActions shell={shell} row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RoleForm({ shell, row }: { shell: Shell; row: UserRow }) {
  return (
    <Form action={`/users/${row.id}/role`} csrfToken={shell.csrfToken} class="inline">
      <select name="role" aria-label={`Role of ${row.name}`}>
        {roles.map(({ value, label }) => (
          <option value={value} selected={value === row.role}>
            {label}
          </option>
        ))}
      </select>{" "}
      <button type="submit" class="button small">
        Save
      </button>
    </Form>
  );
}

function UserActions({ shell: { csrfToken }, row }: { shell: Shell; row: UserRow }) {
  const action = (verb: string) => `/users/${row.id}/${verb}`;
  if (row.deactivatedAt) {
    return (
      <ActionButton action={action("restore")} csrfToken={csrfToken} label="Let back in" class="small" />
    );
  }
  return (
    <>
      <ActionButton
        action={action("reset-password")}
        csrfToken={csrfToken}
        label="New password"
        class="small"
      />{" "}
      <ActionButton action={action("sign-out")} csrfToken={csrfToken} label="Sign out" class="small" />{" "}
      <a class="button small danger" href={action("remove")}>
        Remove
      </a>
    </>
  );
}

function InvitationTable({ shell, rows }: { shell: Shell; rows: InvitationRow[] }) {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">Email</th>
          <th scope="col">Role</th>
          <th scope="col">Expires</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <td class="name">{row.email}</td>
            <td data-label="Role">{row.role === "admin" ? "Admin" : "Member"}</td>
            <td data-label="Expires">
              <Time at={row.expiresAt} now={shell.now} />
            </td>
            <td class="end">
              <ActionButton
                action={`/users/invitations/${row.id}/revoke`}
                csrfToken={shell.csrfToken}
                label="Take back"
                class="small"
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export interface LinkProps {
  shell: Shell;
  kind: "invitation" | "password";
  email: string;
  url: string;
  expiresAt: Date;
}

/** Shows a link that was just made. */
export const linkPage = ({ shell, kind, email, url, expiresAt }: LinkProps) => {
  const title = kind === "invitation" ? `Invitation for ${email}` : `New password for ${email}`;
  return page(
    <Layout title={title} shell={shell}>
      <div class="head">
        <h1>{title}</h1>
      </div>
      <section class="panel">
        <p class="notice warn">This is shown once. Hand it over where only {email} reads it.</p>
        <CopyBox id="link" text={url} label="Link" />
        <p class="dim">
          It works once, until <Time at={expiresAt} now={shell.now} />.
        </p>
        <p>
          <a class="button" href="/users">
            Back to the users
          </a>
        </p>
      </section>
    </Layout>,
  );
};
