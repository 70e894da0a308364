-- The figures of 1+7+5+N and the rows behind them. Households and persons stand here as keys only.
create schema accountability authorization xianjie_owner;

set local role xianjie_owner;
grant usage on schema accountability to xianjie_pipeline, xianjie_reader;
alter default privileges in schema accountability
grant select, insert, update, delete on tables to xianjie_pipeline;
alter default privileges in schema accountability grant select on tables to xianjie_reader;

-- One row an indicator and entity, true from valid_from until the day before valid_to. A county's partition is
-- made, filled and indexed by its first night.
create table accountability.evidence (
    county_code text not null,
    indicator text not null,
    entity_kind text not null,
    entity_id text not null,
    household_id text,
    village_code text,
    numerator numeric not null,
    denominator numeric not null,
    dataset text,
    record_key uuid,
    delivery_id text,
    source_row bigint,
    valid_from date not null,
    valid_to date not null default 'infinity'
) partition by list (county_code);
create index on accountability.evidence (household_id, indicator);
create index on accountability.evidence (indicator, valid_to) where valid_to < 'infinity';
create index on accountability.evidence using brin (valid_from) with (pages_per_range = 16);

-- What each indicator did that night: never skipped silently.
create table accountability.indicator_run (
    county_code text not null,
    business_date date not null,
    indicator text not null,
    indicator_version text not null,
    fingerprint text not null,
    params jsonb not null,
    status text not null check (status in ('ok', 'partial', 'blocked', 'failed')),
    reason text,
    is_full boolean not null,
    elapsed_ms integer not null,
    primary key (county_code, business_date, indicator)
);

-- Published figures are frozen: other inputs for the same date make a new revision and keep the old one.
create table accountability.publication (
    county_code text not null,
    business_date date not null,
    revision integer not null,
    checksum text not null,
    reason text not null,
    is_current boolean not null,
    published_at timestamptz not null,
    primary key (county_code, business_date, revision)
);
create unique index on accountability.publication (county_code, business_date) where is_current;

-- division_code: 6 digits the county, 9 a town, 12 a village. entities is the number of evidence rows.
create table accountability.value (
    county_code text not null,
    business_date date not null,
    revision integer not null,
    indicator text not null,
    division_code text not null,
    entities bigint not null,
    numerator numeric not null,
    denominator numeric not null,
    value numeric,
    target numeric,
    light text not null check (light in ('green', 'yellow', 'red', 'grey')),
    is_confirmed boolean not null,
    missing_departments text[] not null default '{}',
    primary key (county_code, business_date, indicator, division_code, revision)
);
reset role;
