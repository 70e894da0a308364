select distinct delivery.business_date
from quality.correction
inner join ops.delivery on correction.delivery_id = delivery.delivery_id
where
    correction.county_code = :county
    and correction.file_sha256 = :sha256
    and delivery.verdict = 'accept'
    and delivery.merged_at is null
order by delivery.business_date;
