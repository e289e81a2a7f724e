-- Specifications of APIs with their files, version tags and what was generated from them.
create table specs (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  owner_id integer not null references users (id),
  updated_by integer not null references users (id),
  name text not null,
  type text not null,
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index specs_workspace_id on specs (workspace_id, created_at, id);

create table spec_files (
  id uuid primary key,
  spec_id uuid not null references specs (id) on delete cascade,
  path text not null,
  type text not null check (type in ('ROOT', 'DEFAULT')),
  content text not null,
  size_bytes bigint not null,
  created_by integer not null references users (id),
  updated_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index spec_files_path on spec_files (spec_id, path);

create table spec_version_tags (
  id uuid primary key,
  spec_id uuid not null references specs (id) on delete cascade,
  name text not null,
  revision integer not null,
  created_by integer not null references users (id),
  created_at timestamptz not null default now()
);
create unique index spec_version_tags_revision on spec_version_tags (spec_id, revision);

create table spec_tag_files (
  tag_id uuid not null references spec_version_tags (id) on delete cascade,
  path text not null,
  file_id uuid not null,
  type text not null check (type in ('ROOT', 'DEFAULT')),
  content text not null,
  created_by integer not null,
  updated_by integer not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tag_id, path)
);

create table spec_collections (
  spec_id uuid not null references specs (id) on delete cascade,
  collection_id uuid not null references collections (id) on delete cascade,
  generated text not null check (generated in ('collection', 'spec')),
  options jsonb not null,
  sync_options jsonb not null,
  spec_revision integer not null,
  collection_revision integer not null,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (spec_id, collection_id)
);
create index spec_collections_collection_id on spec_collections (collection_id);
