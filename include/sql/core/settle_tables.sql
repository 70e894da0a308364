drop table if exists touched_person, touched_household, placed, unplaced, spell, desired, wanted;
create temporary table touched_person (person_id uuid not null, from_date date not null) on commit drop;
create temporary table touched_household (household_no text not null, from_date date not null) on commit drop;
create temporary table spell (
    person_id uuid not null,
    rank smallint not null,
    preferred date not null,
    household_id text not null,
    village_code text,
    basis text not null,
    record_key uuid,
    valid_from date not null,
    valid_to date not null
) on commit drop;
