-- What the processes of runners use; null = the runner does not tell.
alter table runner_instances add column cpu_share double precision, add column memory_bytes bigint;
alter table fleet_samples add column cpu_share double precision, add column memory_bytes bigint;
