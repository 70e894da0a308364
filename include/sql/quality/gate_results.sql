-- A delivery's checks: those not met first, the graver before the lighter.
select
    code,
    title,
    decision,
    is_met,
    reason
from quality.gate_result
where county_code = :county and delivery_id = :delivery
order by is_met, array_position(array['refuse', 'hold', 'notice'], decision), code;
