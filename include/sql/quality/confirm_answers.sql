-- Which of the answers that a delivery carries were good enough to be taken in. A row struck out is struck out.
update quality.correction
set
    is_confirmed = decision = 'void' or exists (
        select 1 from stage_touched
        where
            stage_touched.record_key = correction.new_key
            and stage_touched.row_hash = correction.new_hash
            and stage_touched.outcome in ('accepted', 'warned', 'withdrawn')
    )
where county_code = :county and delivery_id = :delivery;
