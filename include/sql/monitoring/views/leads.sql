-- Leads as they stood at the end of a business date: 信号消失 is a mark on an open lead, not a state.
create or replace function monitoring.leads(of_county text, on_date date)
returns table (
    lead_id uuid,
    rule_id text,
    rule_version text,
    household_id text,
    village_code text,
    town_code text,
    populations text[],
    state text,
    severity text,
    family text,
    hit_count integer,
    route text,
    departments text[],
    copy_to text[],
    first_seen date,
    last_seen date,
    due_on date,
    is_new boolean,
    is_open boolean,
    is_signal_gone boolean,
    is_overdue boolean,
    closed_on date,
    closed_reason text
)
language sql stable parallel safe
as $$
    select
        l.lead_id,
        l.rule_id,
        l.rule_version,
        l.household_id,
        l.village_code,
        l.town_code,
        l.populations,
        case when l.closed_on <= on_date then l.state else 'LEAD' end,
        l.severity,
        l.family,
        l.hit_count,
        l.route,
        l.departments,
        l.copy_to,
        l.first_seen,
        case when l.signal_gone_on <= on_date then l.signal_gone_on - 1 else on_date end,
        l.due_on,
        l.first_seen = on_date,
        l.closed_on is null or l.closed_on > on_date,
        coalesce(l.signal_gone_on <= on_date, false),
        l.due_on < on_date and (l.closed_on is null or l.closed_on > on_date),
        case when l.closed_on <= on_date then l.closed_on end,
        case when l.closed_on <= on_date then l.closed_reason end
    from monitoring.lead as l
    where l.county_code = of_county and l.first_seen <= on_date
$$;
