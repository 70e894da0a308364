-- Findings as they stood at the end of a business date, with the latest decision taken by then.
create or replace function consistency.findings(of_county text, on_date date)
returns table (
    finding_id uuid,
    check_id text,
    check_version text,
    entity_kind text,
    entity_id text,
    household_id text,
    person_id uuid,
    village_code text,
    town_code text,
    level smallint,
    module text,
    owner text,
    evidence jsonb,
    dataset text,
    record_key uuid,
    delivery_id text,
    source_row bigint,
    other_dataset text,
    other_record_key uuid,
    other_delivery_id text,
    other_source_row bigint,
    first_found_on date,
    last_found_on date,
    due_on date,
    is_new boolean,
    is_open boolean,
    is_overdue boolean,
    closed_on date,
    closed_reason text,
    result text,
    decided_on date
)
language sql stable parallel safe
as $$
    select
        f.finding_id,
        f.check_id,
        f.check_version,
        f.entity_kind,
        f.entity_id,
        f.household_id,
        f.person_id,
        f.village_code,
        f.town_code,
        f.level,
        f.module,
        f.owner,
        f.evidence,
        f.dataset,
        f.record_key,
        f.delivery_id,
        f.source_row,
        f.other_dataset,
        f.other_record_key,
        f.other_delivery_id,
        f.other_source_row,
        f.first_found_on,
        case when f.closed_on <= on_date then f.closed_on - 1 else on_date end,
        f.due_on,
        f.first_found_on = on_date,
        f.closed_on is null or f.closed_on > on_date,
        f.due_on < on_date and (f.closed_on is null or f.closed_on > on_date),
        case when f.closed_on <= on_date then f.closed_on end,
        case when f.closed_on <= on_date then f.closed_reason end,
        s.result,
        s.decided_on
    from consistency.finding as f
    left join lateral (
        select
            t.result,
            t.decided_on
        from consistency.settlement as t
        where t.county_code = of_county and t.finding_id = f.finding_id and t.decided_on <= on_date
        order by t.settlement_id desc
        limit 1
    ) as s on true
    where f.county_code = of_county and f.first_found_on <= on_date
$$;
