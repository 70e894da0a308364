-- Open leads as of a business date, one row a hit they rest on (at least one a lead).
select
    l.lead_id,
    l.rule_id,
    l.household_id,
    l.village_code,
    l.town_code,
    l.severity,
    l.state,
    l.departments,
    l.copy_to,
    l.first_seen,
    l.due_on,
    l.is_signal_gone,
    h.person_id,
    h.dataset,
    h.evidence
from monitoring.leads(:county, :business_date) as l
left join monitoring.hit as h
    on
        h.county_code = :county
        and l.household_id = h.household_id
        and l.rule_id = h.rule_id
        and h.valid_from <= :business_date
        and h.valid_to > :business_date
where l.is_open
order by l.lead_id asc, h.occurred_on desc nulls last, h.hit_id asc
