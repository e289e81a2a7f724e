-- Status pages: what a workspace tells people who do not sign in, or those who may read it.
create table status_pages (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  slug text not null,
  title text not null,
  description text not null default '',
  visibility text not null,
  timezone text not null default 'UTC',
  indexed boolean not null default false,
  incident_after_minutes integer,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index status_pages_slug on status_pages (slug);
create index status_pages_workspace_id on status_pages (workspace_id, title);

-- What stands on a page under which name. Its id is all that a stranger sees of a monitor.
create table status_page_entries (
  id uuid primary key,
  status_page_id uuid not null references status_pages (id) on delete cascade,
  monitor_id uuid not null references monitors (id) on delete cascade,
  shown_name text not null,
  group_name text not null default '',
  position integer not null
);
create unique index status_page_entries_monitor on status_page_entries (status_page_id, monitor_id);
create index status_page_entries_monitor_id on status_page_entries (monitor_id);

create table status_incidents (
  id uuid primary key,
  status_page_id uuid not null references status_pages (id) on delete cascade,
  title text not null,
  state text not null,
  failing_monitor_id uuid,
  failing_since timestamptz,
  started_at timestamptz not null default now(),
  resolved_at timestamptz,
  created_by integer references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index status_incidents_started_at on status_incidents (status_page_id, started_at desc, id desc);
-- However many servers look: one incident of a failure, and one of a monitor at a time.
create unique index status_incidents_failure on status_incidents (status_page_id, failing_monitor_id, failing_since);
create unique index status_incidents_open_failure on status_incidents (status_page_id, failing_monitor_id)
  where resolved_at is null;

create table status_incident_updates (
  id uuid primary key,
  incident_id uuid not null references status_incidents (id) on delete cascade,
  state text not null,
  message text not null,
  created_by integer references users (id),
  created_at timestamptz not null default now()
);
create index status_incident_updates_incident_id on status_incident_updates (incident_id, created_at);

create table status_incident_entries (
  incident_id uuid not null references status_incidents (id) on delete cascade,
  entry_id uuid not null references status_page_entries (id) on delete cascade,
  primary key (incident_id, entry_id)
);
create index status_incident_entries_entry_id on status_incident_entries (entry_id);
