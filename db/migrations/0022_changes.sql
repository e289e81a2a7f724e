-- Since when a monitor was in which state: reports and its activity read this instead of all its executions.
create table monitor_states (
  monitor_id uuid not null references monitors (id) on delete cascade,
  at timestamptz not null,
  -- Outcome of the execution that brought it there.
  state text not null,
  primary key (monitor_id, at)
);

-- A trigger, so that no way to end an execution can forget it; most ends change no state and cost a comparison.
create function note_monitor_state() returns trigger language plpgsql as $$
begin
  insert into monitor_states (monitor_id, at, state) values (new.id, coalesce(new.state_since, now()), new.state)
  on conflict (monitor_id, at) do update set state = excluded.state;
  return null;
end $$;
create trigger note_monitor_state after update of state on monitors
  for each row when (new.state is distinct from old.state and new.state is not null)
  execute function note_monitor_state();

insert into monitor_states (monitor_id, at, state)
select monitor_id, finished_at, outcome from (
  select monitor_id, finished_at, outcome,
         lag(outcome) over (partition by monitor_id order by finished_at, id) as before
    from executions where finished_at is not null and outcome is not null) ended
 where outcome is distinct from before
on conflict do nothing;
