-- Every rule those rows break.
select
    f.row_id,
    f.rule_id,
    f.field,
    f.title,
    f.fix
from quality.finding as f
inner join quality.quarantined_row as q on f.county_code = q.county_code and f.row_id = q.row_id
where
    f.county_code = :county
    and f.severity = 'fix'
    and q.opened_on <= :business_date
    and (q.closed_on is null or q.closed_on > :business_date)
order by f.row_id, f.rule_id
