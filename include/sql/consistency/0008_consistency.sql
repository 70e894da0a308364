-- What checks over several rows found, when, and what people decided. Persons and households stand here as keys,
-- values as codes and numbers.
create schema consistency;
grant usage on schema consistency to xianjie_pipeline, xianjie_reader;
alter default privileges in schema consistency
grant select, insert, update, delete on tables to xianjie_pipeline;
alter default privileges in schema consistency grant select on tables to xianjie_reader;

-- One evaluation of a county and date; running it again replaces the row.
create table consistency.run (
    county_code text not null,
    business_date date not null,
    is_full boolean not null,
    households bigint not null,
    finished_at timestamptz not null,
    primary key (county_code, business_date)
);

-- What each check did that night; `skipped` when a department it needs is not connected.
create table consistency.check_run (
    county_code text not null,
    business_date date not null,
    check_id text not null,
    check_version text not null,
    fingerprint text not null,
    params jsonb not null,
    status text not null check (status in ('ok', 'partial', 'blocked', 'skipped', 'failed')),
    reason text,
    is_full boolean not null,
    findings_open bigint not null default 0,
    findings_opened bigint not null default 0,
    findings_closed bigint not null default 0,
    elapsed_ms integer not null default 0,
    primary key (county_code, business_date, check_id)
);

-- One open finding a check and entity. It closes by itself when the data is right, or by the decision that
-- nothing is to be changed. `dataset` and its record are the row in question, `other_*` the row it disagrees with.
create table consistency.finding (
    county_code text not null,
    finding_id uuid not null,
    check_id text not null,
    check_version text not null,
    entity_kind text not null check (entity_kind in ('person', 'household', 'village')),
    entity_id text not null,
    household_id text,
    person_id uuid,
    village_code text,
    town_code text,
    level smallint not null check (level between 1 and 5),
    module text not null,
    owner text not null,
    evidence jsonb not null,
    evidence_hash uuid not null,
    dataset text,
    record_key uuid,
    delivery_id text,
    source_row bigint,
    other_dataset text,
    other_record_key uuid,
    other_delivery_id text,
    other_source_row bigint,
    first_found_on date not null,
    due_on date not null,
    closed_on date,
    closed_reason text check (closed_reason in ('put_right', 'no_change')),
    primary key (county_code, finding_id),
    check ((closed_on is null) = (closed_reason is null))
);
create unique index on consistency.finding (county_code, check_id, entity_id) where closed_on is null;
create index on consistency.finding (county_code, check_id, first_found_on);
create index on consistency.finding (county_code, check_id, closed_on);
create index on consistency.finding (county_code, household_id, check_id);

-- Decisions on conflicts (改源/改库/无需修改): who, when, why. Kept for good; the latest one counts.
create table consistency.settlement (
    county_code text not null,
    settlement_id bigint generated always as identity,
    finding_id uuid not null,
    check_id text not null,
    entity_id text not null,
    evidence_hash uuid not null,
    result text not null check (result in ('source', 'warehouse', 'none')),
    decided_on date not null,
    decided_by text not null,
    why text not null,
    decided_at timestamptz not null,
    primary key (county_code, settlement_id)
);
create index on consistency.settlement (county_code, check_id, entity_id);
create index on consistency.settlement (county_code, finding_id);

-- Days on which a household's findings may change although no record does.
create table consistency.wake (
    county_code text not null,
    check_id text not null,
    household_id text not null,
    wake_on date not null,
    primary key (county_code, check_id, household_id, wake_on)
);
create index on consistency.wake (county_code, wake_on);
