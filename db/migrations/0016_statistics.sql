-- Runs that have ended and are not in the statistics yet. Nothing but a list: who counts them takes rows out of it.
create table uncounted_runs (
  run_id uuid not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- A trigger, so that no way to end a run can forget it, that of a server of the version before this one included.
create function note_ended_run() returns trigger language plpgsql as $$
begin
  insert into uncounted_runs (run_id) values (new.id);
  return null;
end $$;
create trigger note_ended_run after update of status on runs
  for each row when (new.status = 'finished' and old.status <> 'finished') execute function note_ended_run();
create trigger note_run_born_ended after insert on runs
  for each row when (new.status = 'finished') execute function note_ended_run();

-- Newest first: they are what people look at.
insert into uncounted_runs (run_id) select id from runs where status = 'finished' order by queued_at desc;

-- Requests that a monitor has sent, under short numbers. 0 is no request: it stands for whole runs.
create table monitor_requests (
  id integer primary key generated always as identity,
  monitor_id uuid not null references monitors (id) on delete cascade,
  item_id text not null,
  -- As they were called last.
  name text not null,
  folder text not null
);
create unique index monitor_requests_item_id on monitor_requests (monitor_id, item_id);

-- What the steps of a run took, without their contents; the lists are of equal length, one entry for each step.
create table run_timings (
  run_id uuid primary key references runs (id) on delete cascade,
  responses integer not null,
  fastest_ms double precision,
  slowest_ms double precision,
  -- Of monitor_requests.
  requests integer[] not null,
  failed boolean[] not null,
  -- Null for a step without a response.
  total_ms real[] not null,
  dns_ms real[] not null,
  connect_ms real[] not null,
  tls_ms real[] not null,
  first_byte_ms real[] not null,
  download_ms real[] not null,
  bytes bigint[] not null
);

-- Ended runs and their steps in short, for charts and tables over weeks.
create table step_hours (
  monitor_id uuid not null references monitors (id) on delete cascade,
  -- Of monitor_requests; 0 = whole runs.
  request_id integer not null,
  -- Of runs.queued_at, in UTC.
  hour timestamptz not null,
  -- All zeros for runs that no runner took.
  runner_id uuid not null,
  trigger text not null,
  -- Of the run, or of the request in it.
  outcome text not null,
  -- A histogram, of durations of whole runs or response times of a request: four classes double the time; 0 = no time.
  class integer not null,
  -- How many times are in the class, and their sum.
  times integer not null default 0,
  ms_sum double precision not null default 0,
  runs integer not null default 0,
  steps integer not null default 0,
  steps_failed integer not null default 0,
  responses integer not null default 0,
  response_ms_sum double precision not null default 0,
  -- Of single responses.
  fastest_ms double precision,
  slowest_ms double precision,
  dns_ms_sum double precision not null default 0,
  connect_ms_sum double precision not null default 0,
  tls_ms_sum double precision not null default 0,
  first_byte_ms_sum double precision not null default 0,
  download_ms_sum double precision not null default 0,
  bytes_sum double precision not null default 0,
  primary key (monitor_id, request_id, hour, runner_id, trigger, outcome, class)
);

-- The same by days in UTC, so that months are read as fast as a week.
create table step_days (like step_hours including all);
alter table step_days rename column hour to day;
alter table step_days add foreign key (monitor_id) references monitors (id) on delete cascade;
