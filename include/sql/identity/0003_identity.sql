-- Who is who. A person is a token: the keyed hash of the first identity known of them. The tables of core belong
-- to the owner role; the vault belongs to the identity role, so that no other role can read it.
create schema core authorization xianjie_owner;
create schema vault authorization xianjie_identity;

set local role xianjie_owner;
grant usage on schema core to xianjie_pipeline, xianjie_identity, xianjie_reader;
alter default privileges in schema core
grant select, insert, update, delete on tables to xianjie_pipeline, xianjie_identity;
alter default privileges in schema core grant select on tables to xianjie_reader;
alter default privileges in schema core grant usage on sequences to xianjie_pipeline, xianjie_identity;

-- One row a person: what the ID number itself says, masked. Provisional persons have no usable ID number.
-- The name's token tells two names apart without showing either.
create table core.person (
    county_code text not null,
    person_id uuid not null,
    is_provisional boolean not null,
    name_masked text,
    name_token uuid,
    id_masked text,
    sex text,
    birth_date date,
    primary key (person_id, county_code)
) partition by list (county_code);

-- Two tokens found to be one person: a decision of somebody, known for a time, undone by ending it.
create table core.person_alias (
    county_code text not null,
    token uuid not null,
    person_id uuid not null,
    decided_by text not null,
    reason text not null,
    known_from timestamptz not null,
    known_to timestamptz not null default 'infinity',
    check (token <> person_id),
    primary key (token, known_from, county_code)
);

-- Contradictions for a person to settle; never a silent overwrite, never a personal value.
create table core.identity_conflict (
    county_code text not null,
    kind text not null check (kind in ('name_differs', 'two_households')),
    person_id uuid not null,
    department text not null,
    dataset text not null,
    record_key uuid not null,
    delivery_id text not null,
    business_date date not null,
    state text not null default 'open' check (state in ('open', 'settled')),
    settled_by text,
    settled_why text,
    primary key (county_code, kind, person_id, department, dataset, record_key)
);
reset role;

set local role xianjie_identity;
-- The person's ID number and name, encrypted row by row (AES-256-GCM, the person's token authenticated).
create table vault.person_secret (
    county_code text not null,
    person_id uuid not null,
    secret bytea not null,
    primary key (person_id, county_code)
) partition by list (county_code);
reset role;
