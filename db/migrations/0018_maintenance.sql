-- When work on something is announced: once, or again and again by cron.
create table maintenance_windows (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  name text not null,
  reason text not null default '',
  behaviour text not null,
  covers text not null,
  monitor_ids uuid[] not null default '{}',
  tag text,
  starts_at timestamptz,
  ends_at timestamptz,
  cron text,
  timezone text not null default 'UTC',
  duration_minutes integer,
  planned_until timestamptz,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  constraint maintenance_windows_when check ((cron is null) = (starts_at is not null and ends_at is not null)
    and (cron is null) = (duration_minutes is null))
);
create index maintenance_windows_workspace_id on maintenance_windows (workspace_id, created_at);
create index maintenance_windows_planned on maintenance_windows (planned_until) where cron is not null and deleted_at is null;

-- From when to when a window was or will be open, and for what: history does not change when the window does.
create table maintenance_periods (
  id uuid primary key,
  window_id uuid not null references maintenance_windows (id) on delete cascade,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  behaviour text not null,
  covers text not null,
  monitor_ids uuid[] not null default '{}',
  tag text
);
create unique index maintenance_periods_window_id on maintenance_periods (window_id, starts_at);
create index maintenance_periods_workspace_id on maintenance_periods (workspace_id, ends_at);
create index maintenance_periods_ends_at on maintenance_periods (ends_at);

-- Somebody does not want to be told for a while.
create table alert_mutes (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  monitor_id uuid references monitors (id) on delete cascade,
  rule_id uuid references alert_rules (id) on delete cascade,
  reason text not null default '',
  muted_by integer not null references users (id),
  created_at timestamptz not null default now(),
  until_at timestamptz,
  until_passes boolean not null default false,
  ended_at timestamptz,
  constraint alert_mutes_subject check ((monitor_id is null) <> (rule_id is null))
);
create index alert_mutes_monitor_id on alert_mutes (monitor_id) where ended_at is null;
create index alert_mutes_rule_id on alert_mutes (rule_id) where ended_at is null;
create index alert_mutes_workspace_id on alert_mutes (workspace_id, created_at);

-- Who gets a summary of a workspace, how often and where.
create table summaries (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  channel_id uuid not null references alert_channels (id) on delete cascade,
  period text not null,
  hour integer not null,
  weekday integer,
  timezone text not null,
  next_at timestamptz not null,
  last_sent_at timestamptz,
  created_by integer not null references users (id),
  created_at timestamptz not null default now()
);
create unique index summaries_channel_id on summaries (workspace_id, channel_id, period);
create index summaries_next_at on summaries (next_at);
