-- How fresh a delivery was, in which form its dates were written, and what of it differed from former nights.
alter table quality.profile
add column newest date,
add column same_since date,
add column formats jsonb not null default '{}';

-- One difference between a delivery and what came before it, as a person reads it. A code that nobody knows is
-- quoted only of a field that is not personal; never another value of a row.
create table quality.drift (
    county_code text not null,
    delivery_id text not null,
    position integer not null,
    kind text not null check (
        kind in ('column_added', 'column_missing', 'column_renamed', 'type', 'code', 'format')
    ),
    field text not null,
    sentence text not null,
    row_count bigint,
    share_pct double precision,
    primary key (county_code, delivery_id, position)
);
