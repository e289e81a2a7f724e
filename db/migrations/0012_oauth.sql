-- Programs that registered themselves to sign people in (RFC 7591). Public clients: none has a secret.
create table oauth_clients (
  id uuid primary key,
  name text not null,
  redirect_uris text[] not null,
  created_at timestamptz not null default now()
);
create index oauth_clients_created_at on oauth_clients (created_at);

-- What a person allowed a client to do. All tokens of a grant end with it.
create table oauth_grants (
  id uuid primary key,
  client_id uuid not null references oauth_clients (id) on delete cascade,
  user_id integer not null references users (id) on delete cascade,
  scopes text[] not null,
  -- Our public URL when it was given: a token is for this installation under this name.
  audience text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index oauth_grants_user_id on oauth_grants (user_id);
create index oauth_grants_client_id on oauth_grants (client_id);

-- Codes and refresh tokens are good once: used ones stay until they expire, so that a second use is noticed.
create table oauth_tokens (
  token_hash text primary key,
  grant_id uuid not null references oauth_grants (id) on delete cascade,
  kind text not null check (kind in ('code', 'access', 'refresh')),
  scopes text[] not null,
  redirect_uri text,
  code_challenge text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index oauth_tokens_grant_id on oauth_tokens (grant_id);
create index oauth_tokens_expires_at on oauth_tokens (expires_at);
