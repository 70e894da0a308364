with listed as (
    select
        h.household_id,
        h.phone_token,
        h.record_key,
        h.delivery_id,
        h.source_row,
        count(*) over (partition by h.phone_token) as households,
        first_value(h.record_key) over same_phone as first_key,
        first_value(h.delivery_id) over same_phone as first_delivery,
        first_value(h.source_row) over same_phone as first_row
    from facts.rural_revitalisation_households as h
    where h.county_code = :county_code and h.phone_token is not null
    window same_phone as (partition by h.phone_token order by h.household_id)
)

-- The first household of a number is left alone: whose it is, nobody can tell, and one finding a pair is enough.
select
    d.household_id,
    'rural_revitalisation.households' as dataset,
    d.record_key,
    d.delivery_id,
    d.source_row,
    'rural_revitalisation.households' as other_dataset,
    d.first_key as other_record_key,
    d.first_delivery as other_delivery_id,
    d.first_row as other_source_row,
    d.households as ev_households
from listed as d
where d.households > 1 and d.record_key <> d.first_key
