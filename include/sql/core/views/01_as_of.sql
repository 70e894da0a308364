-- Every query can ask "as of day D, as known at moment K". Both are settings of the transaction; unset, they lie
-- beyond every interval that has ended, so that the latest state is seen.
set local role xianjie_owner;

create or replace function core.business_date() returns date
language sql stable parallel safe
return coalesce(nullif(current_setting('xianjie.business_date', true), ''), '9999-12-31')::date;

create or replace function core.known_on() returns timestamptz
language sql stable parallel safe
return coalesce(nullif(current_setting('xianjie.known_on', true), ''), '9999-12-31 00:00:00+00')::timestamptz;

-- What places a record: persons through their membership, household numbers through the household itself.
create or replace view core.placement as
select
    m.county_code,
    m.person_id as anchor,
    m.household_id,
    m.village_code,
    m.valid_from,
    m.valid_to,
    m.known_from,
    m.known_to
from core.membership as m
union all
select
    h.county_code,
    h.anchor,
    h.household_id,
    h.village_code,
    '-infinity'::date as valid_from,
    'infinity'::date as valid_to,
    '-infinity'::timestamptz as known_from,
    'infinity'::timestamptz as known_to
from core.household as h;

reset role;
