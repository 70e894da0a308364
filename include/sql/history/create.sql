create table history.this_dataset (
    county_code text not null,
    record_key uuid not null,
    change_id bigint not null,
    row_hash uuid not null,
    valid_from date not null,
    valid_to date not null,
    known_from timestamptz not null,
    known_to timestamptz not null
) partition by list (county_code);
create index this_dataset_change_id on history.this_dataset (change_id)
