-- When a file that came back was deleted, with its note and its answer, because it was kept long enough.
alter table ops.returned_file
add column removed_at timestamptz;
