-- Forks of collections. The source has no foreign key: a fork outlives it, and goes on saying where it came from.
create table collection_forks (
  collection_id uuid primary key references collections (id) on delete cascade,
  source_id uuid not null,
  source_owner_id integer not null,
  label text not null,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  base json not null,
  source_revision integer,
  element_ids json not null
);
create index collection_forks_source_id on collection_forks (source_id, created_at, collection_id);
create index collection_forks_created_by on collection_forks (created_by, created_at, collection_id);

-- Forks of environments; secrets in the base are sealed as those of environments are.
create table environment_forks (
  environment_id uuid primary key references environments (id) on delete cascade,
  source_id uuid not null,
  source_owner_id integer not null,
  label text not null,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  base_name text not null,
  base_values json not null
);
create index environment_forks_source_id on environment_forks (source_id, created_at, environment_id);

-- Wishes to merge a fork; names of the source are kept for when it is gone.
create table pull_requests (
  id uuid primary key,
  source_id uuid not null,
  source_owner_id integer not null,
  source_name text not null,
  fork_label text not null,
  destination_id uuid not null references collections (id) on delete cascade,
  title text not null,
  description text not null,
  status text not null default 'open' check (status in ('open', 'approved', 'declined', 'merged')),
  comment text,
  created_by integer not null references users (id),
  updated_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index pull_requests_source_id on pull_requests (source_id, created_at, id);
create index pull_requests_destination_id on pull_requests (destination_id, created_at, id);
create unique index pull_requests_pending on pull_requests (source_id, destination_id) where status in ('open', 'approved');

create table pull_request_reviewers (
  pull_request_id uuid not null references pull_requests (id) on delete cascade,
  user_id integer not null references users (id),
  status text not null default 'pending' check (status in ('pending', 'approved', 'declined')),
  primary key (pull_request_id, user_id)
);

-- What people say about a collection, a folder, a request or a saved response.
create table comment_threads (
  id integer primary key generated always as identity,
  collection_id uuid not null references collections (id) on delete cascade,
  element_type text not null check (element_type in ('collection', 'folder', 'request', 'response')),
  element_id text not null,
  resolved_by integer references users (id),
  resolved_at timestamptz,
  created_at timestamptz not null default now()
);
create index comment_threads_element on comment_threads (collection_id, element_type, element_id);

create table comments (
  id integer primary key generated always as identity,
  thread_id integer not null references comment_threads (id) on delete cascade,
  body text not null,
  tags jsonb,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index comments_thread_id on comments (thread_id, id);
