-- What search reads: the requests and folders of collections, and the collections themselves, one row each.
create table search_items (
  collection_id uuid not null references collections (id) on delete cascade,
  -- Place in the document; 0 is the collection itself.
  position integer not null,
  kind text not null check (kind in ('collection', 'folder', 'request')),
  item_id text not null,
  name text not null,
  -- Its first 200 characters in lower case.
  name_key text not null,
  method text,
  url text,
  description text not null,
  words tsvector not null,
  primary key (collection_id, position)
);
-- Two, because requests outnumber the rest a hundred times.
create index search_items_request_words on search_items using gin (words) where kind = 'request';
create index search_items_container_words on search_items using gin (words) where kind <> 'request';
create index search_items_name_key on search_items (name_key);

-- Which revision of a collection search_items hold; no row = not read yet.
create table search_revisions (
  collection_id uuid primary key references collections (id) on delete cascade,
  revision integer not null
);

-- Stages such as production, that environments of any workspace stand for.
create table system_environments (
  id uuid primary key,
  name text not null unique,
  label text not null unique,
  color text not null,
  description text not null default '',
  is_production boolean not null default false,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

-- An environment stands for one stage at most.
create table system_environment_associations (
  environment_id uuid primary key references environments (id) on delete cascade,
  id uuid not null unique,
  system_environment_id uuid not null references system_environments (id) on delete cascade,
  associated_at timestamptz not null default now()
);
create index system_environment_associations_of on system_environment_associations (system_environment_id, associated_at, id);

-- Services that something outside has found (a gateway, a cluster): facts as they were reported.
create table discovered_services (
  id uuid primary key,
  -- What tells a service from others when it is reported again.
  identity text not null unique,
  name text not null,
  version text,
  description text,
  source_environment text,
  discovery_source text not null,
  provider_service_id text,
  tags text[] not null,
  endpoints jsonb not null,
  endpoints_count integer not null,
  definition text,
  provider_metadata jsonb,
  status text not null,
  discovered_by integer not null references users (id),
  discovered_at timestamptz not null default now(),
  last_synced_at timestamptz not null default now()
);
create index discovered_services_discovered_at on discovered_services (discovered_at, id);

-- Runs of collections elsewhere (a pipeline, a laptop, an agent), as their programs reported them.
create table ci_runs (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  collection_id uuid not null references collections (id) on delete cascade,
  environment_id uuid references environments (id) on delete set null,
  reported_by integer not null references users (id),
  source text not null,
  status text not null check (status in ('passed', 'failed')),
  started_at timestamptz not null,
  duration_ms double precision not null,
  requests_total integer not null,
  requests_failed integer not null,
  assertions_total integer not null,
  assertions_failed integer not null,
  response_ms_min double precision,
  response_ms_max double precision,
  -- Branch, workflow, repository and so on, as far as the program told.
  ci jsonb not null,
  reported_at timestamptz not null default now()
);
create index ci_runs_workspace_id on ci_runs (workspace_id, started_at);
create index ci_runs_collection_id on ci_runs (collection_id, started_at);
