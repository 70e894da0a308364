-- Compulsory age is counted on 1 September.
with standing as (
    select l.household_id
    from facts.education_dropout_ledger as l
    inner join scope as s on l.household_id = s.household_id
    where l.county_code = :county_code and l.status in ('not_persuaded', 'persuading')
    union
    select e.household_id
    from facts.education_enrolment as e
    inner join scope as s on e.household_id = s.household_id
    where e.county_code = :county_code and e.status = 'withdrawn'
)

select
    t.household_id,
    make_date(
        extract(year from :business_date)::int
        + (extract(month from :business_date) >= 9)::int, 9, 1
    ) as wake_on
from standing as t
