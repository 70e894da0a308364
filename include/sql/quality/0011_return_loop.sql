-- The way back: whose doing a delivery is, the life of an item, answers, waivers, the contracts they rest on.
alter table ops.delivery
add column origin text not null default 'pull' check (origin in ('pull', 'submission', 'returns', 'replay')),
add column cause text;
create index on ops.delivery (county_code, cause) where cause is not null;

-- origin_row_id: the item this one goes on from; first_opened_on: when the trouble began, over all of them;
-- tries: answers that were still wrong, over all of them; is_recurring: it had been settled, and came again.
do $$
declare
    item text;
begin
    foreach item in array array['quarantined_row', 'warned_row'] loop
        execute format('alter table quality.%I drop constraint if exists quarantined_row_state_check', item);
        execute format('alter table quality.%I drop constraint if exists %I', item, item || '_state_check');
        execute format(
            'alter table quality.%I add constraint %I check (state in (''open'', ''returned'', ''corrected'','
            ' ''accepted'', ''waived'', ''expired'', ''superseded'', ''replaced'', ''gone'', ''void''))',
            item, item || '_state_check'
        );
        execute format(
            'alter table quality.%I add column origin_row_id uuid, add column first_opened_on date,'
            ' add column tries integer not null default 0,'
            ' add column is_recurring boolean not null default false,'
            ' add column returned_on date, add column workbook_id uuid', item
        );
        execute format('update quality.%I set first_opened_on = opened_on', item);
        execute format('alter table quality.%I alter column first_opened_on set not null', item);
        execute format('create index on quality.%I (county_code, department, dataset, record_key)', item);
    end loop;
end
$$;

-- A returned workbook as it came in, once for each content. The business date of its deliveries is kept from
-- the first start, so that a run that was killed goes on where it was, also on the next day.
create table quality.returned_workbook (
    county_code text not null,
    file_sha256 text not null,
    workbook_id uuid not null,
    department text not null,
    file_name text not null,
    channel text not null,
    received_by text,
    business_date date not null,
    answers integer not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    primary key (county_code, file_sha256)
);

-- One answer to one item: what it replaced, what it made of it, where it stands in the workbook, and where the
-- row came from at first. Names of the answered fields, never their values. delivery_id is null for an answer
-- that was not landed because it could not replace its record. is_confirmed: it passed and was taken in.
create table quality.correction (
    county_code text not null,
    file_sha256 text not null,
    row_id uuid not null,
    department text not null,
    dataset text not null,
    decision text not null check (decision in ('correct', 'waive', 'void')),
    delivery_id text,
    source_row bigint,
    record_key uuid not null,
    row_hash uuid not null,
    new_op text check (new_op in ('U', 'D')),
    new_key uuid,
    new_hash uuid,
    original_delivery_id text not null,
    original_row bigint not null,
    sheet text not null,
    line integer not null,
    fields text[] not null,
    answered_by text,
    business_date date not null,
    landed_at timestamptz,
    is_confirmed boolean not null default false,
    primary key (county_code, file_sha256, row_id)
);
create index on quality.correction (county_code, department, dataset, record_key, row_hash);
create index on quality.correction (delivery_id);
create index on quality.correction (county_code, row_id);

-- True as it is (情况属实): the named rules are lifted for one record from a date to a date. Holds for
-- deliveries that landed while it was in force.
create table quality.waiver (
    waiver_id uuid primary key default gen_random_uuid(),
    county_code text not null,
    department text not null,
    dataset text not null,
    record_key uuid not null,
    row_id uuid not null,
    rule_ids text[] not null,
    reason text not null,
    waived_by text not null,
    valid_from date not null,
    valid_until date not null,
    entered_at timestamptz not null,
    ended_at timestamptz,
    ended_on date,
    ended_by text,
    unique (county_code, row_id, entered_at)
);
create index on quality.waiver (county_code, department, dataset, record_key);

-- Each version of a contract as it read when it was first used.
create table quality.contract_version (
    contract_id text not null,
    version text not null,
    content text not null,
    sha256 text not null,
    first_used_on date not null,
    primary key (contract_id, version)
);
