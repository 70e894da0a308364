select
    correction.row_id,
    correction.delivery_id,
    coalesce(delivery.verdict is not null, false) as is_judged
from quality.correction
left join ops.delivery on correction.delivery_id = delivery.delivery_id
where correction.county_code = :county and correction.file_sha256 = :sha256;
