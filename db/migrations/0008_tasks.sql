-- Work of the API that goes on after its answer; kept for a while so that clients can ask how it ended.
create table tasks (
  id uuid primary key,
  kind text not null,
  element_type text not null,
  element_id text not null,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  created_by integer,
  status text not null default 'pending' check (status in ('pending', 'completed', 'failed')),
  exclusive_key text,
  result jsonb,
  reason text,
  created_at timestamptz not null default now(),
  alive_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint tasks_finished check ((status = 'pending') = (finished_at is null))
);
create index tasks_element on tasks (element_id, kind, created_at);
create index tasks_pending on tasks (alive_at) where status = 'pending';
create unique index tasks_exclusive on tasks (exclusive_key) where status = 'pending';
create index tasks_workspace_id on tasks (workspace_id);
create index tasks_finished_at on tasks (finished_at);

-- A key that reads one collection.
create table collection_access_keys (
  id uuid primary key,
  collection_id uuid not null references collections (id) on delete cascade,
  user_id integer not null references users (id) on delete cascade,
  token_hash text not null unique,
  hint text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  last_used_at timestamptz
);
create index collection_access_keys_collection_id on collection_access_keys (collection_id, created_at);
create index collection_access_keys_user_id on collection_access_keys (user_id);

-- Collections as the API answers them, compressed by us: Postgres keeps the bytes as they are and can give parts of them.
create table collection_answers (
  collection_id uuid primary key references collections (id) on delete cascade,
  revision integer not null,
  updated_at timestamptz not null,
  body bytea not null
);
alter table collection_answers alter column body set storage external;

-- Documents that are written from now on: compressing a megabyte takes Postgres 25 ms, more than all else of a change.
alter table collections alter column document set storage external;

create index collections_created_at on collections (created_at, id);
