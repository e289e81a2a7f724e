-- Most schedules have few gaps; pages that look for them read every slot otherwise.
create index slots_gaps on slots (monitor_id, slot_at) where status in ('skipped', 'missed', 'lost');
