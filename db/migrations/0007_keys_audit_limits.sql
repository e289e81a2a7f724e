-- Where a change came from, and by which key.
alter table audit_records add column address text;
alter table audit_records add column user_agent text;
alter table audit_records add column key_id uuid;
create index audit_records_actor on audit_records (actor_id, at);
create index audit_records_action on audit_records (action, at);

-- Every call below /api: of a key, or (denied) of none that is known. Kept for a while only, so nothing refers to it
-- and it refers to nothing: a batch must not fail because a user was deleted meanwhile.
create table api_key_calls (
  id bigint primary key generated always as identity,
  at timestamptz not null default now(),
  key_id uuid,
  user_id integer,
  method text not null,
  route text,
  path text not null,
  address text not null,
  user_agent text not null,
  decision text not null check (decision in ('allowed', 'denied')),
  rule text,
  status integer not null
);
create index api_key_calls_key on api_key_calls (key_id, id);
create index api_key_calls_at on api_key_calls (at);

-- What was taken of each limit in its present window. The rows are few and change often, so room is left for that.
create table rate_windows (
  rule text not null,
  subject text not null,
  allowed integer not null,
  used integer not null,
  -- What the last to ask was given: an upsert shows its new row only.
  granted integer not null,
  ends_at timestamptz not null,
  primary key (rule, subject)
) with (fillfactor = 50);
create index rate_windows_ends_at on rate_windows (ends_at);
