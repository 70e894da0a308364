"""From evidence to figures: sums by county, town and village, carried on from the night before; lights."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from xianjie.accountability.evidence import Question
from xianjie.warehouse.questions.definitions import in_force
from xianjie.warehouse.questions.params import bound

_TABLES = (
    """
create temporary table if not exists tally (
    indicator text, division_code text, entities bigint, numerator numeric, denominator numeric
) on commit drop
""",
    """
create temporary table if not exists figure (
    indicator text, division_code text, entities bigint, numerator numeric, denominator numeric,
    value numeric, target numeric, light text, is_confirmed boolean, missing_departments text []
) on commit drop
""",
)

# GB/T 10114: a village's twelve digits begin with the nine of its town and the six of its county.
_BY_DIVISION = """
    select
        d.division_code,
        sum(m.entities) as entities,
        sum(m.numerator) as numerator,
        sum(m.denominator) as denominator
    from moved as m
    cross join lateral (
        select :county_code as division_code
        union all
        select left(m.village_code, 9) where m.village_code is not null
        union all
        select m.village_code where m.village_code is not null
    ) as d
    group by d.division_code
"""

_WHOLE = f"""
with moved as (
    select
        e.village_code,
        count(*) as entities,
        sum(e.numerator) as numerator,
        sum(e.denominator) as denominator
    from accountability.evidence as e
    where e.county_code = :county_code and e.indicator = :evidence
        and e.valid_from <= :business_date and e.valid_to > :business_date
    group by e.village_code
)

insert into tally
select :indicator, s.division_code, s.entities, s.numerator, s.denominator
from ({_BY_DIVISION}) as s
"""

_CARRIED = f"""
with moved as (
    select e.village_code, 1 as entities, e.numerator, e.denominator
    from accountability.evidence as e
    where e.county_code = :county_code and e.indicator = :evidence and e.valid_from = :business_date
    union all
    select e.village_code, -1, -e.numerator, -e.denominator
    from accountability.evidence as e
    where e.county_code = :county_code and e.indicator = :evidence and e.valid_to = :business_date
),

change as ({_BY_DIVISION}),

known as (
    select v.division_code, v.entities, v.numerator, v.denominator
    from accountability.current_value as v
    where v.county_code = :county_code and v.business_date = :previous and v.indicator = :indicator
    union all
    select c.division_code, c.entities, c.numerator, c.denominator
    from change as c
)

insert into tally
select :indicator, k.division_code, sum(k.entities), sum(k.numerator), sum(k.denominator)
from known as k
group by k.division_code
having sum(k.entities) > 0
"""

# The county's figure is always there, also when nothing is known of it.
_FIGURE = """
with summed as (
    select t.division_code, t.entities, t.numerator, t.denominator
    from tally as t
    where t.indicator = :indicator
    union all
    select :county_code, 0, 0, 0
    where not exists (
        select 1 from tally as t where t.indicator = :indicator and t.division_code = :county_code
    )
),

measured as (
    select
        s.*,
        case
            when not :is_known then null
            when :measure = 'count' then s.numerator
            when :measure = 'ratio' then 100 * s.numerator / nullif(s.denominator, 0)
            when :measure = 'average' then s.numerator / nullif(s.denominator, 0)
            when s.division_code = :county_code then 100 * s.numerator / nullif(cast(:task as numeric), 0)
        end as exact
    from summed as s
)

insert into figure
select
    :indicator,
    m.division_code,
    m.entities,
    trim_scale(m.numerator),
    trim_scale(m.denominator),
    trim_scale(round(m.exact, 4)),
    cast(:target as numeric),
    case
        when m.exact is null or :direction = 'context' or cast(:target as numeric) is null then 'grey'
        when :direction = 'up' and m.exact >= :target then 'green'
        when :direction = 'up' and m.exact >= :target - :red_beyond then 'yellow'
        when :direction = 'down' and m.exact <= :target then 'green'
        when :direction = 'down' and m.exact <= :target + :red_beyond then 'yellow'
        else 'red'
    end,
    :is_confirmed,
    cast(:missing_departments as text [])
from measured as m
"""


def prepare(connection: Connection) -> None:
    """Creates the empty temporary tables of this transaction."""
    for statement in _TABLES:
        connection.execute(text(statement))


def clear(connection: Connection) -> None:
    """Forgets the figures of another date."""
    connection.execute(text("truncate tally, figure"))


def tally(connection: Connection, question: Question, previous: object | None) -> None:
    """Sums the evidence: whole, or the figures of `previous` plus what came and went on the business date."""
    sql = _WHOLE if previous is None else _CARRIED
    parameters = question.keys if previous is None else {**question.keys, "previous": previous}
    connection.execute(bound(sql, parameters))


def light(connection: Connection, question: Question, missing: list[str], *, is_known: bool) -> None:
    """Turns the sums into figures with target and light; an indicator that is not known lights grey."""
    spec = question.indicator.spec
    target = in_force(spec.targets, question.county_code, question.business_date)
    facts: dict[str, Any] = {
        "measure": spec.measure,
        "direction": spec.direction,
        "red_beyond": spec.red_beyond,
        "task": question.params.get("task"),
        "target": target.value if target else None,
        "is_confirmed": target.is_confirmed if target else spec.direction == "context",
        "missing_departments": missing,
        "is_known": is_known,
    }
    keys = {name: question.keys[name] for name in ("county_code", "indicator")}
    connection.execute(bound(_FIGURE, {**keys, **facts}))
