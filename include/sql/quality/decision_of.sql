-- The decision that stands for a delivery: the first one a person took.
select
    decision,
    decided_by,
    why,
    decided_at
from quality.decision
where delivery_id = :delivery
order by decided_at
limit 1;
