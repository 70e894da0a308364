-- The warehouse: an append-only change log a dataset (changes), its bitemporal projection (history), and
-- as-of views over both (facts). The tables of a dataset are derived from its contract at run time, by the
-- owner role; here stand the schemas and what all datasets share.
create schema changes authorization xianjie_owner;
create schema history authorization xianjie_owner;
create schema facts authorization xianjie_owner;

set local role xianjie_owner;
grant usage on schema changes, history, facts to xianjie_pipeline, xianjie_identity, xianjie_reader;
alter default privileges in schema changes grant select, insert on tables to xianjie_pipeline;
alter default privileges in schema history grant select, insert, update, delete on tables to xianjie_pipeline;
alter default privileges in schema facts grant select on tables to xianjie_pipeline, xianjie_reader;

-- How far each log has come. Its row is the lock of a dataset's merges: change numbers and recording times rise
-- in the order of commits. What lies beyond settled_change_id has not reached memberships and scopes yet.
create table changes.head (
    county_code text not null,
    department text not null,
    dataset text not null,
    last_change_id bigint not null default 0,
    settled_change_id bigint not null default 0,
    recorded_at timestamptz not null default '-infinity',
    primary key (county_code, department, dataset)
);
grant update on changes.head to xianjie_pipeline;

-- Where a person belongs, by valid time and by what was known: the base register, else the civil registration,
-- else a provisional household. 'former' places what still comes in about one who left the registers, 'alias'
-- what comes in under another token of the same person; neither is a member.
create table core.membership (
    county_code text not null,
    person_id uuid not null,
    household_id text not null,
    village_code text,
    basis text not null check (basis in ('base', 'civil', 'provisional', 'former', 'alias')),
    record_key uuid,
    valid_from date not null,
    valid_to date not null,
    known_from timestamptz not null,
    known_to timestamptz not null default 'infinity'
) partition by list (county_code);
create index membership_person on core.membership (person_id);
create index membership_household on core.membership (household_id);

-- Every household there is or was. `anchor` stands for the household number in records that name one.
create table core.household (
    county_code text not null,
    household_id text not null,
    household_no text,
    anchor uuid not null,
    village_code text,
    basis text not null check (basis in ('base', 'civil', 'provisional', 'delivered')),
    primary key (household_id, county_code)
) partition by list (county_code);
create index household_anchor on core.household (anchor);

-- The households whose facts a night touched: what monitoring has to look at again.
create table core.affected_household (
    county_code text not null,
    business_date date not null,
    household_id text not null,
    primary key (county_code, business_date, household_id)
);

-- Persons to be placed anew though no record of theirs changed: aliases made or undone.
create table core.unsettled_person (
    county_code text not null,
    person_id uuid not null,
    primary key (county_code, person_id)
);
reset role;

-- Where the warehouse and the deliveries it believes do not agree; written by reconciliation, none is the goal.
create table ops.reconciliation (
    county_code text not null,
    business_date date not null,
    department text not null,
    dataset text not null,
    delivered_rows bigint not null,
    warehouse_rows bigint not null,
    quarantined_keys bigint not null,
    missing_keys bigint not null,
    extra_keys bigint not null,
    differing_keys bigint not null,
    sample_keys uuid[] not null default '{}',
    reason text,
    checked_at timestamptz not null,
    primary key (county_code, business_date, department, dataset)
);
