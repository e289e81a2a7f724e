-- Somebody who left: what they made keeps its owner, so they are not deleted.
alter table users add column deactivated_at timestamptz;

-- Links that work once and let somebody in without a password: invitations, and new passwords for old ones.
create table one_time_links (
  id uuid primary key,
  kind text not null check (kind in ('invitation', 'password_reset')),
  token_hash text not null unique,
  email text not null,
  role text check (role in ('admin', 'member')),
  user_id integer references users (id) on delete cascade,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint one_time_links_subject check
    ((kind = 'invitation' and role is not null and user_id is null) or (kind = 'password_reset' and role is null and user_id is not null))
);
create index one_time_links_email on one_time_links (email);
create index one_time_links_user_id on one_time_links (user_id);

-- Tags of collections, workspaces, specifications and whatever else has an id.
create table element_tags (
  element_type text not null,
  element_id text not null,
  slug text not null,
  tagged_by integer not null references users (id),
  tagged_at timestamptz not null default now(),
  primary key (element_type, element_id, slug)
);
create index element_tags_slug on element_tags (slug, tagged_at, element_id);

-- News that somebody writes for the readers of a workspace.
create table workspace_updates (
  id integer primary key generated always as identity,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  created_by integer not null references users (id),
  updated_by integer not null references users (id),
  topic text not null,
  description text not null,
  category text not null,
  related_resources jsonb not null,
  is_pinned boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index workspace_updates_workspace_id on workspace_updates (workspace_id, is_pinned, id);

-- In which workspace something was changed, for the feed of its activities.
alter table audit_records add column workspace_id uuid;
create index audit_records_subject on audit_records (subject_type, subject_id, id);
create index audit_records_workspace on audit_records (workspace_id, id);
update audit_records set workspace_id = subject_id::uuid where subject_type in ('workspace', 'globals');
update audit_records a set workspace_id = (b.change ->> 'workspaceId')::uuid
  from audit_records b
 where a.workspace_id is null and b.subject_type = a.subject_type and b.subject_id = a.subject_id
   and b.change ->> 'workspaceId' is not null;
