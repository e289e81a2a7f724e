-- The steps of a batch at a glance, so that a page of a long run need not read what all of them sent and received.
-- JSON. Null for a batch that is as quickly read itself, and for those of servers before this version.
alter table run_events add column heads bytea;
