-- The ledger rows of what offices corrected and what was judged again on a date: one a delivery.
select
    ledger.county_code,
    ledger.department,
    ledger.dataset,
    ledger.business_date,
    ledger.delivery_id,
    ledger.base_id,
    delivery.verdict,
    ledger.landed,
    ledger.unchanged,
    ledger.accepted,
    ledger.quarantined,
    ledger.warned,
    ledger.absent,
    ledger.withdrawn,
    ledger.merged,
    delivery.origin,
    ledger.landed = ledger.unchanged + ledger.accepted + ledger.quarantined
    and ledger.landed = delivery.landed_rows as is_balanced
from ops.ledger
inner join ops.delivery using (delivery_id)
where
    ledger.county_code = :county
    and ledger.business_date = :business_date
    and delivery.origin in ('returns', 'replay')
order by ledger.department, ledger.dataset, delivery.landed_at;
