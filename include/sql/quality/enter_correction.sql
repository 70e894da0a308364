-- An answer, entered once for each item and file. A row that an earlier answer made is traced to where it came
-- from at first.
insert into quality.correction (
    county_code, file_sha256, row_id, department, dataset, decision, delivery_id, source_row, record_key, row_hash,
    new_op, new_key, new_hash, original_delivery_id, original_row, sheet, line, fields, answered_by, business_date,
    landed_at
)
select
    :county,
    :sha256,
    :row,
    :department,
    :dataset,
    :decision,
    :delivery,
    :source_row,
    :record_key,
    :row_hash,
    :new_op,
    :new_key,
    :new_hash,
    coalesce(earlier.original_delivery_id, :item_delivery),
    coalesce(earlier.original_row, :item_row),
    :sheet,
    :line,
    :fields,
    :by,
    :business_date,
    :landed_at
from (select 1 as once) as this_answer
left join lateral (
    select
        correction.original_delivery_id,
        correction.original_row
    from quality.correction
    where
        correction.county_code = :county
        and correction.delivery_id = :item_delivery
        and correction.source_row = :item_row
    order by correction.row_id
    limit 1
) as earlier on true
on conflict (county_code, file_sha256, row_id) do update set
    decision = excluded.decision,
    delivery_id = excluded.delivery_id,
    source_row = excluded.source_row,
    new_op = excluded.new_op,
    new_key = excluded.new_key,
    new_hash = excluded.new_hash,
    sheet = excluded.sheet,
    line = excluded.line,
    fields = excluded.fields,
    business_date = excluded.business_date,
    landed_at = excluded.landed_at;
