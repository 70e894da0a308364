select
    item.row_id,
    item.kind,
    item.department,
    item.dataset,
    item.record_key,
    item.row_hash,
    item.delivery_id,
    item.source_row,
    item.contract_version,
    item.state,
    item.closed_by,
    item.origin_row_id,
    coalesce(
        (
            select jsonb_object_agg(finding.rule_id, finding.severity)
            from quality.finding
            where finding.county_code = :county and finding.row_id = item.row_id
        ), '{}'
    ) as rules
from quality.item
where
    item.county_code = :county
    and item.department = :department
    and item.dataset = :dataset
    and item.state in ('open', 'returned');
