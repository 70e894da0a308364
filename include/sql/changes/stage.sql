drop table if exists incoming, gone, affected, standing, timeline;
create temporary table incoming (like changes.this_dataset) on commit drop;
create temporary table gone (record_key uuid not null) on commit drop;
