-- The rules broken by the items this delivery entered; rows that were already open keep their findings.
with entered as (
    select row_id from quality.quarantined_row
    where county_code = :county and delivery_id = :delivery
    union all
    select row_id from quality.warned_row
    where county_code = :county and delivery_id = :delivery
)

insert into quality.finding (
    county_code, row_id, rule_id, severity, field, title, fix, external_number, level
)
select
    :county,
    stage_finding.row_id,
    stage_finding.rule_id,
    stage_rule.severity,
    stage_rule.field,
    stage_rule.title,
    stage_rule.fix,
    stage_rule.external_number,
    stage_rule.level
from stage_finding
inner join entered on stage_finding.row_id = entered.row_id
inner join stage_rule on stage_finding.rule_id = stage_rule.rule_id;
