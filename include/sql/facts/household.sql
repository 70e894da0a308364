-- Every household as of a day: those of the base register, and those that only have members.
-- `size` counts the members listed in facts.person.
create view facts.household as
select
    h.county_code,
    h.household_id,
    h.household_no,
    b.hh_type,
    b.mo_type,
    coalesce(b.village_code, m.village_code, h.village_code) as village_code,
    left(coalesce(b.village_code, m.village_code, h.village_code), 9) as town_code,
    m.size,
    b.head_name_masked,
    b.record_key is not null as is_base,
    b.record_key,
    b.delivery_id,
    b.source_row
from core.household as h
left join facts.rural_revitalisation_households as b
    on h.household_id = b.household_id and h.county_code = b.county_code
left join lateral (
    select
        count(*) as size,
        max(m.village_code) as village_code
    from core.membership as m
    where
        m.household_id = h.household_id
        and m.county_code = h.county_code
        and m.basis not in ('former', 'alias')
        and coalesce(
            m.valid_from <= (select core.business_date()) and m.valid_to > (select core.business_date())
            and m.known_from <= (select core.known_on()) and m.known_to > (select core.known_on()),
            false
        )
) as m on true
where b.record_key is not null or m.size > 0
