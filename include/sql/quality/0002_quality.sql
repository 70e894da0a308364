-- What was wrong with the deliveries: rows, rules, verdicts. No value of a row ever stands in this schema.
create schema quality;
grant usage on schema quality to xianjie_pipeline, xianjie_identity, xianjie_reader;
alter default privileges in schema quality
grant select, insert, update, delete on tables to xianjie_pipeline;
alter default privileges in schema quality grant select on tables to xianjie_identity, xianjie_reader;

-- One returned row (退回数据). The cause of an item is its record and content: the same bad row delivered
-- again is the same item. Where the values stand: delivery_id and source_row of the landing.
create table quality.quarantined_row (
    county_code text not null,
    row_id uuid not null,
    department text not null,
    dataset text not null,
    record_key uuid not null,
    row_hash uuid not null,
    copies integer not null default 1,
    delivery_id text not null,
    source_file text,
    source_line bigint,
    source_row bigint not null,
    business_date date not null,
    contract_version text not null,
    state text not null default 'open' check (
        state in (
            'open', 'returned', 'corrected', 'accepted', 'waived', 'expired', 'superseded', 'replaced', 'gone'
        )
    ),
    opened_on date not null,
    closed_on date,
    closed_by text,
    primary key (county_code, row_id)
);
create unique index quarantined_row_one_open_cause
on quality.quarantined_row (county_code, department, dataset, record_key, row_hash) where closed_on is null;
create index on quality.quarantined_row (delivery_id);
create index on quality.quarantined_row (closed_by) where closed_by is not null;

-- A row that was accepted although it breaks a rule of severity "warn".
create table quality.warned_row (like quality.quarantined_row including all);

-- Every rule a returned or warned row breaks, in the words of the contract it was judged by.
create table quality.finding (
    county_code text not null,
    row_id uuid not null,
    rule_id text not null,
    severity text not null check (severity in ('fix', 'warn')),
    field text not null,
    title text not null,
    fix text not null,
    external_number text,
    primary key (county_code, row_id, rule_id)
);

-- Date x dataset x rule: how many changed rows broke it, whatever became of the delivery.
create table quality.rule_count (
    county_code text not null,
    delivery_id text not null,
    department text not null,
    dataset text not null,
    business_date date not null,
    rule_id text not null,
    severity text not null,
    row_count bigint not null,
    primary key (county_code, delivery_id, rule_id)
);

-- One delivery as a whole, as the gate saw it; the history that later deliveries are judged against.
create table quality.profile (
    county_code text not null,
    delivery_id text not null,
    department text not null,
    dataset text not null,
    business_date date not null,
    mode text not null check (mode in ('full', 'delta')),
    landed_rows bigint not null,
    previous_rows bigint,
    drop_pct double precision,
    growth_pct double precision,
    valid_pct double precision not null,
    unique_pct double precision not null,
    columns_missing text[] not null,
    columns_unknown integer not null,
    primary key (county_code, delivery_id)
);
create index on quality.profile (county_code, department, dataset, business_date);

-- Each check of the gate with the number it saw; what a person sees who decides on a held delivery.
create table quality.gate_result (
    county_code text not null,
    delivery_id text not null,
    code text not null,
    title text not null,
    decision text not null check (decision in ('notice', 'hold', 'refuse')),
    is_met boolean not null,
    reason text,
    primary key (county_code, delivery_id, code)
);

-- A person's decision on a held delivery: who, what, why. Kept for good.
create table quality.decision (
    decision_id uuid primary key default gen_random_uuid(),
    county_code text not null,
    delivery_id text not null,
    decision text not null check (decision in ('accept', 'refuse')),
    decided_by text not null,
    why text not null,
    decided_at timestamptz not null
);
create index on quality.decision (delivery_id, decided_at);
