-- Who has which role in a workspace, where it is not the one that everybody has by its visibility.
create table workspace_members (
  workspace_id uuid not null references workspaces (id) on delete cascade,
  user_id integer not null references users (id) on delete cascade,
  role text not null check (role in ('viewer', 'editor', 'admin')),
  created_at timestamptz not null default now(),
  primary key (workspace_id, user_id)
);
create index workspace_members_user_id on workspace_members (user_id);

-- Whoever made a workspace goes on ruling it.
insert into workspace_members (workspace_id, user_id, role)
select id, created_by, 'admin' from workspaces;
