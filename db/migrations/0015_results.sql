-- The program that ran it: what changed between two runs may be the runner.
alter table runs add column runner_version text;

-- What the results of a monitor hold, and for how long.
alter table monitors
  add column keep_requests text not null default 'failed' check (keep_requests in ('failed', 'all', 'none')),
  add column keep_responses text not null default 'failed' check (keep_responses in ('failed', 'all', 'none')),
  add column keep_days integer not null default 30 check (keep_days between 1 and 400),
  add column keep_run_days integer not null default 400 check (keep_run_days between 1 and 4000);

-- How far retention has come with a monitor, beside `monitors` because the end of each run locks the row there.
create table monitor_retention (
  monitor_id uuid primary key references monitors (id) on delete cascade,
  -- Steps of runs that were queued up to here are deleted.
  steps_deleted_to timestamptz not null default 'epoch',
  looked_at timestamptz not null default 'epoch'
);
create index monitor_retention_looked_at on monitor_retention (looked_at);
