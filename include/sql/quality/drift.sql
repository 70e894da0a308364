select sentence
from quality.drift
where county_code = :county and delivery_id = :delivery
order by position;
