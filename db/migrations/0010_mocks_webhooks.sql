-- Mock servers: the saved examples of a collection, served below /mock/ID.
create table mocks (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  owner_id integer not null references users (id),
  name text not null,
  collection_id uuid not null references collections (id) on delete cascade,
  environment_id uuid references environments (id) on delete set null,
  private boolean not null default false,
  config jsonb not null,
  server_response_id uuid,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index mocks_workspace_id on mocks (workspace_id, created_at);
create index mocks_collection_id on mocks (collection_id);
create index mocks_environment_id on mocks (environment_id);

-- Errors of the server that a mock can answer every call with.
create table mock_server_responses (
  id uuid primary key,
  mock_id uuid not null references mocks (id) on delete cascade,
  name text not null,
  status_code integer not null,
  headers jsonb not null,
  language text,
  body text not null default '',
  created_by integer not null references users (id),
  updated_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index mock_server_responses_mock_id on mock_server_responses (mock_id, created_at);

create table mock_calls (
  id uuid primary key,
  mock_id uuid not null references mocks (id) on delete cascade,
  served_at timestamptz not null,
  method text not null,
  path text not null,
  request_headers json not null,
  request_body text,
  response_name text not null,
  response_type text not null,
  status_code integer not null,
  response_headers json not null,
  response_body text
);
create index mock_calls_served_at on mock_calls (mock_id, served_at, id);

-- A URL that starts an execution of its monitor when it is called.
create table webhooks (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  owner_id integer not null references users (id),
  name text not null,
  monitor_id uuid not null references monitors (id) on delete cascade,
  token_hash text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  last_called_at timestamptz
);
create unique index webhooks_token_hash on webhooks (token_hash);
create index webhooks_workspace_id on webhooks (workspace_id, created_at);
create index webhooks_monitor_id on webhooks (monitor_id);

-- What an execution was started with; kept while it can still be claimed.
create table execution_inputs (
  execution_id uuid primary key references executions (id) on delete cascade,
  sealed text not null,
  created_at timestamptz not null default now()
);
create index execution_inputs_created_at on execution_inputs (created_at);
