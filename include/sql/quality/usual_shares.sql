-- What share of the changed rows used to break each of the given rules: the median over the dataset's recent
-- accepted deliveries that had enough of them. No row when fewer than two are known.
with recent as (
    select
        delivery.delivery_id,
        delivery.business_date,
        ledger.accepted + ledger.quarantined as changed_rows,
        row_number() over (order by delivery.business_date desc, delivery.landed_at desc) as place
    from ops.delivery
    inner join ops.ledger on delivery.delivery_id = ledger.delivery_id
    where
        delivery.county_code = :county
        and delivery.department = :department
        and delivery.dataset = :dataset
        and delivery.business_date < :before
        and delivery.verdict = 'accept'
        and delivery.origin in ('pull', 'submission')
        and ledger.accepted + ledger.quarantined >= :min_rows
),

judged as (
    select
        recent.delivery_id,
        recent.changed_rows
    from recent
    where recent.business_date >= cast(:before as date) - cast(:nights as integer) or recent.place <= :least
)

select
    asked.rule_id,
    percentile_cont(0.5) within group (
        order by 100.0 * coalesce(rule_count.row_count, 0) / judged.changed_rows
    ) as usual_pct
from judged
cross join unnest(cast(:rules as text[])) as asked (rule_id)
left join quality.rule_count
    on
        judged.delivery_id = rule_count.delivery_id
        and asked.rule_id = rule_count.rule_id
        and rule_count.county_code = :county
group by asked.rule_id
having count(*) >= 2;
