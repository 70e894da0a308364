-- How serious the national lists call what is wrong, 1 (must be fixed) to 5 (to be explained); null where they do not
-- name it.
alter table quality.finding
add column level smallint check (level between 1 and 5);
