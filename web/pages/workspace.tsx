import { Layout, page, type Shell } from "../layout.tsx";
import { ActionButton, Form, type FormErrors, FormMessage, SelectField, TextField } from "../parts/form.tsx";
import { visibilityOptions, visibilityWords } from "./workspaces.tsx";

type Role = "viewer" | "editor" | "admin";

export interface MemberRow {
  userId: number;
  name: string;
  email: string;
  role: Role;
}

export interface WorkspaceProps {
  shell: Shell;
  workspace: { id: string; name: string; visibility: string; about: string };
  members: MemberRow[];
  /** Who could become a member. */
  others: { id: number; name: string; email: string }[];
  /** May change the workspace and who is in it. */
  isAdmin: boolean;
  errors?: FormErrors | undefined;
  memberErrors?: FormErrors | undefined;
}

const roles: { value: Role; label: string }[] = [
  { value: "viewer", label: "Viewer: sees everything" },
  { value: "editor", label: "Editor: changes what is in it" },
  { value: "admin", label: "Admin: also who is in it" },
];
const shortRoles: Record<Role, string> = { viewer: "Viewer", editor: "Editor", admin: "Admin" };

export const workspacePage = (props: WorkspaceProps) => {
  const { shell, workspace, isAdmin } = props;
  return page(
    <Layout title={workspace.name} shell={shell}>
      <p class="crumbs">
        <a href="/workspaces">Workspaces</a>
      </p>
      <div class="head">
        <h1>{workspace.name}</h1>
        {isAdmin && (
          <a class="button danger" href={`/workspaces/${workspace.id}/delete`}>
            Delete
          </a>
        )}
      </div>
      <p class="dim">
        {visibilityWords[workspace.visibility] ?? workspace.visibility}
        {workspace.about !== "" && ` · ${workspace.about}`}
      </p>
      <div class="columns">
        <Members {...props} />
        {isAdmin && <Settings {...props} />}
      </div>
    </Layout>,
  );
};

function Members({ shell, workspace, members, others, isAdmin, memberErrors }: WorkspaceProps) {
  const isPersonal = workspace.visibility === "personal";
  const mayChange = isAdmin && !isPersonal;
  return (
    <div>
      <h2>Members</h2>
      <FormMessage errors={memberErrors} />
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Member</th>
            <th scope="col">Role</th>
            <th scope="col">
              <span class="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <MemberLine shell={shell} workspaceId={workspace.id} member={member} mayChange={mayChange} />
          ))}
        </tbody>
      </table>
      {members.length === 0 && <p class="dim">Nobody has a role of their own here.</p>}
      {isPersonal && <p class="dim">A personal workspace has no other members.</p>}
      {mayChange && others.length > 0 && (
        <Form action={`/workspaces/${workspace.id}/members`} csrfToken={shell.csrfToken} class="form panel">
          <h2>Add a member</h2>
          <SelectField
            name="user"
            label="User"
            options={others.map(({ id, name, email }) => ({
              value: String(id),
              label: name === email ? email : `${name} (${email})`,
            }))}
          />
          <SelectField name="role" label="Role" options={roles} />
          <button type="submit" class="button">
            Add member
          </button>
        </Form>
      )}
    </div>
  );
}

function MemberLine(props: { shell: Shell; workspaceId: string; member: MemberRow; mayChange: boolean }) {
  const { shell, workspaceId, member, mayChange } = props;
  const path = `/workspaces/${workspaceId}/members`;
  return (
    <tr>
      <td class="name">
        {member.name}
        <span class="sub">{member.email}</span>
      </td>
      <td data-label="Role">
        {mayChange ? (
          <Form action={path} csrfToken={shell.csrfToken} class="inline">
            <input type="hidden" name="user" value={String(member.userId)} />
            <select name="role" aria-label={`Role of ${member.name}`}>
              {roles.map(({ value }) => (
                <option value={value} selected={value === member.role}>
                  {shortRoles[value]}
                </option>
              ))}
            </select>{" "}
            <button type="submit" class="button small">
              Save
            </button>
          </Form>
        ) : (
          shortRoles[member.role]
        )}
      </td>
      <td class="end">
        {mayChange && (
          <ActionButton
            action={`${path}/${member.userId}/remove`}
            csrfToken={shell.csrfToken}
            label="Remove"
            class="small"
          />
        )}
      </td>
    </tr>
  );
}

function Settings({ shell, workspace, errors }: WorkspaceProps) {
  return (
    <Form action={`/workspaces/${workspace.id}`} csrfToken={shell.csrfToken} class="form panel">
      <h2>Settings</h2>
      <FormMessage errors={errors} />
      <TextField name="name" label="Name" value={workspace.name} errors={errors} required />
      <SelectField
        name="type"
        label="Who sees it"
        value={workspace.visibility}
        errors={errors}
        options={visibilityOptions(workspace.visibility)}
        hint="Personal takes every other member's role away."
      />
      <TextField name="about" label="About" value={workspace.about} errors={errors} hint="One line." />
      <button type="submit" class="button">
        Save
      </button>
    </Form>
  );
}
