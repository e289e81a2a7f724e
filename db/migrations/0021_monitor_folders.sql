-- What people order their monitors by, beside the workspace: one folder, such as `checkout/eu`, and any tags.
alter table monitors
  add column folder text not null default '',
  add column tags text[] not null default '{}';
