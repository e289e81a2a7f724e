-- Where people are told; a channel without a workspace serves all of them.
create table alert_channels (
  id uuid primary key,
  workspace_id uuid references workspaces (id) on delete cascade,
  kind text not null,
  name text not null,
  -- Addresses, keys and secrets as JSON, encrypted.
  sealed_config text not null,
  -- What of it may be shown.
  shown_target text not null,
  active boolean not null default true,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index alert_channels_workspace_id on alert_channels (workspace_id, name);

-- What people want to be told of a monitor, or of every monitor of a workspace.
create table alert_rules (
  id uuid primary key,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  monitor_id uuid references monitors (id) on delete cascade,
  name text not null default '',
  active boolean not null default true,
  on_failure boolean not null,
  on_error boolean not null,
  on_missed boolean not null,
  on_runner boolean not null,
  on_recovery boolean not null,
  every_failure boolean not null,
  in_a_row integer not null,
  quorum integer not null,
  latency_ms integer,
  latency_of text,
  certificate_days integer,
  notification_limit integer,
  reminder_minutes integer,
  created_by integer not null references users (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint alert_rules_latency check ((latency_ms is null) = (latency_of is null))
);
create index alert_rules_workspace_id on alert_rules (workspace_id, monitor_id);
create index alert_rules_monitor_id on alert_rules (monitor_id);

create table alert_rule_channels (
  rule_id uuid not null references alert_rules (id) on delete cascade,
  channel_id uuid not null references alert_channels (id) on delete cascade,
  primary key (rule_id, channel_id)
);
create index alert_rule_channels_channel_id on alert_rule_channels (channel_id);

-- Something of a monitor that a rule may have to know; in the order of their ids for each monitor.
create table alert_signals (
  id bigint generated always as identity primary key,
  monitor_id uuid not null references monitors (id) on delete cascade,
  -- Null: a slot that nothing was started for.
  execution_id uuid,
  slot_at timestamptz,
  created_at timestamptz not null default now()
);
create index alert_signals_monitor_id on alert_signals (monitor_id, id);

-- How each condition of each rule stands; changed by whoever evaluates a signal, in one transaction with the outbox.
create table alert_states (
  -- The monitor's own id for the recipients that stand in the monitor itself.
  rule_id uuid not null,
  condition text not null,
  -- The monitor; of the condition of runners the runner, or the monitor or workspace that has none left.
  subject_id uuid not null,
  workspace_id uuid not null references workspaces (id) on delete cascade,
  monitor_id uuid references monitors (id) on delete cascade,
  runner_id uuid,
  state text not null,
  since timestamptz not null default now(),
  streak integer not null default 0,
  alert_id uuid,
  opened_by_run_id uuid,
  sent integer not null default 0,
  last_sent_at timestamptz,
  remind_at timestamptz,
  primary key (rule_id, condition, subject_id)
);
create index alert_states_monitor_id on alert_states (monitor_id) where state = 'firing' or streak > 0;
create index alert_states_remind_at on alert_states (remind_at) where remind_at is not null;
create index alert_states_workspace_id on alert_states (workspace_id) where state = 'firing';

-- What is to be sent, and the log of what was.
create table alert_deliveries (
  id uuid primary key,
  workspace_id uuid references workspaces (id) on delete cascade,
  kind text not null,
  -- One from the first message of an alert to its recovery; of everything else that belongs together.
  alert_id uuid not null,
  condition text,
  rule_id uuid,
  monitor_id uuid references monitors (id) on delete cascade,
  run_id uuid,
  channel_id uuid references alert_channels (id) on delete cascade,
  -- Of recipients that stand in a monitor.
  recipients text[],
  receiver uuid generated always as (coalesce(channel_id, monitor_id, alert_id)) stored,
  message jsonb not null,
  status text not null default 'pending',
  attempt integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  position bigint generated always as identity,
  response_status integer,
  response text,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  constraint alert_deliveries_target check ((channel_id is null) <> (recipients is null))
);
create index alert_deliveries_due on alert_deliveries (next_attempt_at) where status in ('pending', 'sending');
create index alert_deliveries_open on alert_deliveries (alert_id, position) where status in ('pending', 'sending');
create index alert_deliveries_open_of_rule on alert_deliveries (monitor_id, rule_id, position) where status in ('pending', 'sending');
create index alert_deliveries_receiver on alert_deliveries (receiver, position) where status in ('pending', 'sending');
create index alert_deliveries_workspace_id on alert_deliveries (workspace_id, position);
create index alert_deliveries_monitor_id on alert_deliveries (monitor_id, position);
create index alert_deliveries_channel_id on alert_deliveries (channel_id, position);
create index alert_deliveries_created_at on alert_deliveries (created_at);
