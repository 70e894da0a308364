-- Roles, and what every stage writes about its own work. No personal value ever stands in this schema.
do $$
declare
    role_name text;
begin
    foreach role_name in array array['xianjie_owner', 'xianjie_pipeline', 'xianjie_identity', 'xianjie_reader'] loop
        if not exists (select 1 from pg_roles where rolname = role_name) then
            execute format('create role %I nologin', role_name);
        end if;
        execute format('grant %I to current_user', role_name);
    end loop;
end
$$;

create schema ops;
grant usage on schema ops to xianjie_pipeline, xianjie_identity, xianjie_reader;
alter default privileges in schema ops
grant select, insert, update, delete on tables to xianjie_pipeline, xianjie_identity;
alter default privileges in schema ops grant select on tables to xianjie_reader;
alter default privileges in schema ops grant usage on sequences to xianjie_pipeline, xianjie_identity;

-- Every pull, also a failed or an empty one.
create table ops.receipt (
    receipt_id uuid primary key,
    county_code text not null,
    department text not null,
    dataset text not null,
    business_date date not null,
    outcome text not null check (outcome in ('landed', 'empty', 'absent', 'failed')),
    error_code text,
    reason text,
    delivery_id text,
    rows_read bigint not null default 0,
    bytes_read bigint not null default 0,
    sha256 text,
    window_from text,
    window_to text,
    attempt integer not null default 1,
    started_at timestamptz not null,
    finished_at timestamptz not null
);
create index on ops.receipt (county_code, business_date, department, dataset);

-- A delivery and how far it came. The manifest beside its Parquet says the same for good.
create table ops.delivery (
    delivery_id text primary key,
    county_code text not null,
    department text not null,
    dataset text not null,
    business_date date not null,
    contract_version text not null,
    landed_rows bigint not null,
    sha256 text not null,
    landed_at timestamptz not null,
    verdict text check (verdict in ('accept', 'hold', 'refuse')),
    verdict_code text,
    verdict_reason text,
    judged_at timestamptz,
    decided_by text,
    merged_at timestamptz
);
create index on ops.delivery (county_code, business_date, department, dataset);

-- The numbers of the ledger: landed = unchanged + accepted + quarantined, checked where they are written.
create table ops.ledger (
    delivery_id text primary key references ops.delivery,
    county_code text not null,
    department text not null,
    dataset text not null,
    business_date date not null,
    base_id text,
    landed bigint not null,
    unchanged bigint not null,
    accepted bigint not null,
    quarantined bigint not null,
    warned bigint not null default 0,
    absent bigint not null default 0,
    withdrawn bigint not null default 0,
    merged bigint,
    is_current boolean not null default true,
    checked_at timestamptz not null,
    constraint balances check (landed = unchanged + accepted + quarantined)
);
create index on ops.ledger (county_code, business_date);

-- A department's night is concluded once, whatever came of it; a late delivery concludes it again.
create table ops.conclusion (
    county_code text not null,
    department text not null,
    dataset text not null,
    business_date date not null,
    outcome text not null check (outcome in ('accepted', 'held', 'refused', 'absent', 'failed', 'empty')),
    delivery_id text,
    error_code text,
    reason text,
    concluded_at timestamptz not null,
    is_late boolean not null default false,
    primary key (county_code, business_date, department, dataset)
);

-- What the next delivery is compared with: written in the transaction that merged the last one.
create table ops.diff_base (
    county_code text not null,
    department text not null,
    dataset text not null,
    business_date date not null,
    delivery_ids text[] not null,
    recorded_at timestamptz not null,
    primary key (county_code, department, dataset, business_date)
);
