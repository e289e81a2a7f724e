-- How busy each runner was, one row a minute; kept for a month.
create table fleet_samples (
  runner_id uuid not null references runners (id) on delete cascade,
  sampled_at timestamptz not null,
  queued integer not null,
  oldest_queued_seconds double precision not null,
  running integer not null,
  concurrency integer not null,
  instances integer not null,
  primary key (runner_id, sampled_at)
);
create index fleet_samples_sampled_at on fleet_samples (sampled_at);
