-- Every person placed in a household, as of a day. Applied once the base register's tables are there. Why the
-- condition is written like this is said at `_stands` in dataset.py.
-- One who left the registers ('former') is not listed, nor a token that was found to be another person's.
create view facts.person as
select
    m.county_code,
    m.person_id,
    m.household_id,
    coalesce(b.name_masked, p.name_masked) as name_masked,
    coalesce(b.id_number_masked, p.id_masked) as id_masked,
    coalesce(p.sex, b.sex) as sex,
    coalesce(p.birth_date, b.birth_date) as birth_date,
    p.birth_date as birth_date_by_id,
    m.village_code,
    left(m.village_code, 9) as town_code,
    b.relation,
    m.basis = 'base' as is_base,
    m.basis,
    p.is_provisional,
    b.record_key,
    b.delivery_id,
    b.source_row,
    m.valid_from
from core.membership as m
inner join core.person as p on m.person_id = p.person_id and m.county_code = p.county_code
left join facts.rural_revitalisation_persons as b
    on m.basis = 'base' and m.record_key = b.record_key and m.county_code = b.county_code
where
    m.basis not in ('former', 'alias')
    and coalesce(
        m.valid_from <= (select core.business_date()) and m.valid_to > (select core.business_date())
        and m.known_from <= (select core.known_on()) and m.known_to > (select core.known_on()),
        false
    )
