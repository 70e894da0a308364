with line as (
    select
        l.starts,
        lead(l.starts) over (order by l.starts) as ends,
        l.line_yuan
    from jsonb_to_recordset(cast(:lines as jsonb)) as l (starts date, line_yuan numeric)
)

select
    h.household_id,
    'rural_revitalisation.households' as dataset,
    h.record_key,
    h.delivery_id,
    h.source_row,
    h.after_net_per_capita_yuan as ev_after_net_per_capita_yuan,
    l.line_yuan as ev_line_yuan,
    h.mo_cleared_month as ev_mo_cleared_month
from facts.rural_revitalisation_households as h
inner join scope as s on h.household_id = s.household_id
inner join line as l on h.mo_cleared_month >= l.starts and (h.mo_cleared_month < l.ends or l.ends is null)
where
    h.county_code = :county_code
    and h.is_risk_cleared
    and h.clear_mode = 'helped'
    and h.after_net_per_capita_yuan < l.line_yuan
