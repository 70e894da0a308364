-- A row judged again that is still bad keeps its item, with what is wrong of it now.
create temporary table again on commit drop as
select
    item.row_id,
    staged.row_id as staged_id
from stage_row as staged
inner join quality.item
    on
        staged.kind = item.kind
        and staged.record_key = item.record_key
        and staged.row_hash = item.row_hash
        and staged.row_id <> item.row_id
where
    item.county_code = :county
    and item.department = :department
    and item.dataset = :dataset
    and item.closed_on is null;

delete from quality.finding
using again
where finding.county_code = :county and finding.row_id = again.row_id;

insert into quality.finding (
    county_code, row_id, rule_id, severity, field, title, fix, external_number, level
)
select
    :county,
    again.row_id,
    stage_finding.rule_id,
    stage_rule.severity,
    stage_rule.field,
    stage_rule.title,
    stage_rule.fix,
    stage_rule.external_number,
    stage_rule.level
from again
inner join stage_finding on again.staged_id = stage_finding.row_id
inner join stage_rule on stage_finding.rule_id = stage_rule.rule_id;

update quality.quarantined_row as item
set contract_version = :version
from again
where item.county_code = :county and item.row_id = again.row_id;
