-- What the rules found, when, and what became of it. Households and persons stand here as keys only.
create schema monitoring;
grant usage on schema monitoring to xianjie_pipeline, xianjie_reader;
alter default privileges in schema monitoring
grant select, insert, update, delete on tables to xianjie_pipeline;
alter default privileges in schema monitoring grant select on tables to xianjie_reader;

-- One evaluation of a county and date; running it again replaces the row.
create table monitoring.run (
    county_code text not null,
    business_date date not null,
    is_full boolean not null,
    households bigint not null,
    finished_at timestamptz not null,
    primary key (county_code, business_date)
);

-- What each rule did that night: never skipped silently.
create table monitoring.rule_run (
    county_code text not null,
    business_date date not null,
    rule_id text not null,
    rule_version text not null,
    fingerprint text not null,
    params jsonb not null,
    status text not null check (status in ('ok', 'partial', 'blocked', 'failed')),
    reason text,
    is_full boolean not null,
    hits_open bigint not null default 0,
    hits_opened bigint not null default 0,
    hits_closed bigint not null default 0,
    leads_opened bigint not null default 0,
    leads_suppressed bigint not null default 0,
    elapsed_ms integer not null default 0,
    primary key (county_code, business_date, rule_id)
);

-- A hit is true from valid_from until the day before valid_to; changed evidence opens a new row.
create table monitoring.hit (
    county_code text not null,
    hit_id uuid not null,
    hit_key uuid not null,
    row_hash uuid not null,
    rule_id text not null,
    rule_version text not null,
    household_id text not null,
    person_id uuid,
    occurred_on date,
    severity text not null check (severity in ('红', '橙', '黄')),
    family text not null,
    strength numeric,
    evidence jsonb not null,
    dataset text,
    record_key uuid,
    delivery_id text,
    source_row bigint,
    valid_from date not null,
    valid_to date not null default 'infinity',
    primary key (county_code, hit_id)
);
create index on monitoring.hit (county_code, household_id, rule_id);
create index on monitoring.hit (county_code, rule_id, valid_from);
create index on monitoring.hit (county_code, rule_id, valid_to);

-- One open lead a rule and household. Only people close it; a signal that went is marked, not closed.
create table monitoring.lead (
    county_code text not null,
    lead_id uuid not null,
    rule_id text not null,
    rule_version text not null,
    household_id text not null,
    village_code text,
    town_code text,
    populations text[] not null default '{}',
    state text not null default 'LEAD',
    severity text not null check (severity in ('红', '橙', '黄')),
    family text not null,
    strength numeric,
    hit_count integer not null,
    route text not null check (route in ('village', 'town', 'department')),
    departments text[] not null,
    copy_to text[] not null default '{}',
    first_seen date not null,
    due_on date not null,
    signal_gone_on date,
    closed_on date,
    closed_reason text,
    closed_by text,
    closed_note text,
    primary key (county_code, lead_id)
);
create index on monitoring.lead (county_code, household_id, rule_id);
create index on monitoring.lead (county_code, rule_id, first_seen);
create unique index on monitoring.lead (county_code, rule_id, household_id) where closed_on is null;

-- Days on which a household's outcome may change although no record does.
create table monitoring.wake (
    county_code text not null,
    rule_id text not null,
    household_id text not null,
    wake_on date not null,
    kind text not null check (kind in ('rule', 'suppression')),
    primary key (county_code, rule_id, household_id, wake_on, kind)
);
create index on monitoring.wake (county_code, wake_on);
