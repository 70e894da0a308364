-- Findings of the checks as of a business date: those open, and those closed since the first of its month.
select
    f.finding_id,
    f.check_id,
    f.level,
    f.module,
    f.owner,
    f.entity_kind,
    f.household_id,
    f.person_id,
    f.village_code,
    f.town_code,
    f.evidence,
    f.dataset,
    f.other_dataset,
    f.first_found_on,
    f.due_on,
    f.is_open,
    f.is_new,
    f.is_overdue,
    f.closed_on,
    f.closed_reason,
    f.result
from consistency.findings(:county, :business_date) as f
where f.is_open or f.closed_on >= date_trunc('month', cast(:business_date as date))
order by
    f.owner asc, f.is_open desc, f.level asc, f.due_on asc, f.check_id asc, f.town_code asc, f.household_id asc,
    f.village_code asc, f.finding_id asc
