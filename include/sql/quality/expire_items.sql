-- Items that nobody answered in time. Their rows stay out; a good row still closes them, and so does an answer.
update quality.$table as item
set state = 'expired', closed_on = :on, closed_by = 'expiry'
where
    item.county_code = :county
    and item.closed_on is null
    and coalesce(item.returned_on, item.opened_on) + cast(:days as integer) <= :on
    and not exists (
        select 1 from quality.correction
        where
            correction.county_code = item.county_code
            and correction.row_id = item.row_id
            and correction.business_date + cast(:days as integer) > :on
    );
