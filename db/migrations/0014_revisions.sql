-- Through what the current revision came: page, api, import, merge, pull, sync, apply, restore; null = from before this was kept.
alter table collections add column changed_through text, add column change_message text;
alter table environments add column updated_by integer references users (id), add column changed_through text, add column change_message text;
alter table globals add column changed_through text, add column change_message text;

-- Documents as they were before they were changed. The newest revision stands in the table of the documents.
create table collection_revisions (
  collection_id uuid not null references collections (id) on delete cascade,
  revision integer not null,
  name text not null,
  document json not null,
  changed_by integer references users (id),
  changed_through text,
  message text,
  -- From when to when it was the newest.
  changed_at timestamptz not null,
  replaced_at timestamptz not null default now(),
  primary key (collection_id, revision)
);

-- Values as they are stored: those of secrets are sealed.
create table environment_revisions (
  environment_id uuid not null references environments (id) on delete cascade,
  revision integer not null,
  name text not null,
  "values" json not null,
  changed_by integer references users (id),
  changed_through text,
  message text,
  changed_at timestamptz not null,
  replaced_at timestamptz not null default now(),
  primary key (environment_id, revision)
);

create table globals_revisions (
  workspace_id uuid not null references globals (workspace_id) on delete cascade,
  revision integer not null,
  "values" json not null,
  changed_by integer references users (id),
  changed_through text,
  message text,
  changed_at timestamptz not null,
  replaced_at timestamptz not null default now(),
  primary key (workspace_id, revision)
);

-- Triggers, so that no way of changing a document can forget it. A stored document is copied as it lies there, compressed.
create function keep_collection_revision() returns trigger language plpgsql as $$
begin
  insert into collection_revisions (collection_id, revision, name, document, changed_by, changed_through, message, changed_at)
  values (old.id, old.revision, old.name, old.document, old.updated_by, old.changed_through, old.change_message, old.updated_at)
  on conflict do nothing;
  return null;
end $$;
create trigger keep_collection_revision after update on collections
  for each row when (old.revision is distinct from new.revision) execute function keep_collection_revision();

create function keep_environment_revision() returns trigger language plpgsql as $$
begin
  insert into environment_revisions (environment_id, revision, name, "values", changed_by, changed_through, message, changed_at)
  values (old.id, old.revision, old.name, old."values", old.updated_by, old.changed_through, old.change_message, old.updated_at)
  on conflict do nothing;
  return null;
end $$;
create trigger keep_environment_revision after update on environments
  for each row when (old.revision is distinct from new.revision) execute function keep_environment_revision();

-- Revision 0 is the moment between making globals and giving them values.
create function keep_globals_revision() returns trigger language plpgsql as $$
begin
  insert into globals_revisions (workspace_id, revision, "values", changed_by, changed_through, message, changed_at)
  values (old.workspace_id, old.revision, old."values", old.updated_by, old.changed_through, old.change_message, old.updated_at)
  on conflict do nothing;
  return null;
end $$;
create trigger keep_globals_revision after update on globals
  for each row when (old.revision is distinct from new.revision and old.revision > 0) execute function keep_globals_revision();
