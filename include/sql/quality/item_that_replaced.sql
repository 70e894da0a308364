-- The item that an office's own answer made of another one.
select item.row_id
from quality.item
inner join ops.delivery on item.delivery_id = delivery.delivery_id
where
    item.county_code = :county
    and item.origin_row_id = :row
    and item.delivery_id = :delivery
    and delivery.origin = 'returns'
order by item.row_id
limit 1;
