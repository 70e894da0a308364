with signal as (
    select
        h.household_id,
        h.family,
        h.rule_id,
        h.valid_from,
        h.dataset,
        h.record_key,
        h.delivery_id,
        h.source_row,
        row_number() over (
            partition by h.household_id order by h.valid_from desc, h.rule_id asc, h.hit_key asc
        ) as recency
    from monitoring.hit as h
    inner join scope as s on h.household_id = s.household_id
    where
        h.county_code = :county_code
        and h.rule_id <> 'R-SPX-01'
        and h.valid_from <= :business_date
        and h.valid_to > :business_date - :window_days
),

overlay as (
    select
        g.household_id,
        count(distinct g.family) as family_count,
        array_agg(distinct g.family order by g.family) as families,
        array_agg(distinct g.rule_id order by g.rule_id) as rule_ids
    from signal as g
    group by g.household_id
)

select
    o.household_id,
    null::uuid as person_id,
    g.valid_from as occurred_on,
    o.family_count as strength,
    g.dataset,
    g.record_key,
    g.delivery_id,
    g.source_row,
    o.families as ev_families,
    o.rule_ids as ev_rules
from overlay as o
inner join signal as g on o.household_id = g.household_id and g.recency = 1
where o.family_count >= :min_families
