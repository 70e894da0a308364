with relief as (
    select
        r.household_id,
        r.amount_yuan,
        coalesce(r.paid_date, r.approved_date, r.applied_date) as granted_on,
        r.record_key,
        r.delivery_id,
        r.source_row
    from facts.civil_affairs_temporary_relief as r
    inner join scope as s on r.household_id = s.household_id
    where r.county_code = :county_code
),

windowed as (
    select
        r.*,
        count(*) over household as relief_count,
        sum(r.amount_yuan) over household as total_yuan,
        max(r.amount_yuan) over household as largest_yuan,
        row_number() over (partition by r.household_id order by r.granted_on desc, r.record_key asc) as recency
    from relief as r
    where
        r.granted_on <= :business_date
        and r.granted_on > :business_date - make_interval(months => :window_months)
    window household as (partition by r.household_id)
)

select
    w.household_id,
    null::uuid as person_id,
    w.granted_on as occurred_on,
    w.total_yuan as strength,
    'civil_affairs.temporary_relief' as dataset,
    w.record_key,
    w.delivery_id,
    w.source_row,
    w.relief_count as ev_relief_count,
    w.total_yuan as ev_total_yuan,
    w.largest_yuan as ev_largest_yuan,
    w.granted_on as ev_latest_on
from windowed as w
where w.recency = 1 and (w.relief_count >= :min_count or w.largest_yuan >= :single_yuan)
