select
    'post' as entity_kind,
    p.record_key::text as entity_id,
    p.household_id,
    p.village_code,
    (p.ended_date is null)::int as numerator,
    1 as denominator,
    'employment.public_posts' as dataset,
    p.record_key,
    p.delivery_id,
    p.source_row
from facts.employment_public_posts as p
inner join scope as s on p.household_id = s.household_id
where p.county_code = :county_code
