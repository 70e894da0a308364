-- The items that waited for an answer at the end of a day, with their age since the trouble began, and the
-- answers that were wrong so far.
create or replace function quality.open_items(of_county text, on_date date)
returns table (
    row_id uuid,
    kind text,
    department text,
    dataset text,
    record_key uuid,
    delivery_id text,
    source_file text,
    source_line bigint,
    source_row bigint,
    contract_version text,
    state text,
    opened_on date,
    first_opened_on date,
    age_days integer,
    tries integer,
    is_recurring boolean,
    returned_on date,
    workbook_id uuid,
    origin_row_id uuid
)
language sql stable parallel safe
as $$
    select
        i.row_id,
        i.kind,
        i.department,
        i.dataset,
        i.record_key,
        i.delivery_id,
        i.source_file,
        i.source_line,
        i.source_row,
        i.contract_version,
        i.state,
        i.opened_on,
        i.first_opened_on,
        on_date - i.first_opened_on,
        i.tries + (
            select count(*)::integer from quality.correction as c
            where
                c.county_code = i.county_code
                and c.row_id = i.row_id
                and not c.is_confirmed
                and c.business_date <= on_date
        ),
        i.is_recurring,
        i.returned_on,
        i.workbook_id,
        i.origin_row_id
    from quality.item as i
    where
        i.county_code = of_county
        and i.opened_on <= on_date
        and (i.closed_on is null or i.closed_on > on_date)
$$;
