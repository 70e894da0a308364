"""One ordinary day: about 1 % of the rows of every dataset change, drawn by the seed and the date.

A change is a projection, so it streams at any size. Rows that carry dirt (see `demo.dirt`) never change, so
that what a damaged row should have said stays known.
"""

from __future__ import annotations

import datetime as dt

from demo import drawn
from demo.dirt import is_damaged_sql
from xianjie.contract.model import Contract

CHANGED_PER_MILLE = 10

_NEW_PHONE = "left({0}, 3) || lpad((hash(_key, {0}, getvariable('seed')) % 100000000)::varchar, 8, '0')"
_NEW_ACCOUNT = (
    "left({0}, 4) || lpad((hash(_key, {0}, getvariable('seed')) % 1000000000000000)::varchar, 15, '0')"
)
_MORE = "({0}::decimal(12, 2) + {1})::decimal(12, 2)::varchar"

_CHANGES: dict[str, dict[str, str]] = {
    "education.enrolment": {"guardian_phone": _NEW_PHONE.format("guardian_phone")},
    "education.dropout_ledger": {
        "persuasion_count": "(persuasion_count::int + 1)::varchar",
        "last_persuasion_date": "{day}",
    },
    "education.student_aid": {
        "bank_account": f"if(status = '待发放', bank_account, {_NEW_ACCOUNT.format('bank_account')})",
        "paid_yuan": "if(status = '待发放', standard_yuan, paid_yuan)",
        "paid_date": "if(status = '待发放', {day}, paid_date)",
        "status": "'已发放'",
    },
    "civil_affairs.dibao": {"bank_account": _NEW_ACCOUNT.format("bank_account")},
    "civil_affairs.destitute_support": {"living_allowance_yuan": _MORE.format("living_allowance_yuan", 5)},
    "civil_affairs.temporary_relief": {"cause": "if(cause = '其他', '因残', '其他')"},
    "housing.house_safety": {"area_m2": _MORE.format("area_m2", 2)},
    "housing.renovation": {"subsidy_paid_yuan": _MORE.format("subsidy_paid_yuan", 500)},
    "employment.work_monthly": {
        "wage_yuan": _MORE.format("wage_yuan", 100),
        "industry": "if(wage_yuan is null, '建筑业', industry)",
    },
    "education.study_costs": {
        "textbook_yuan": _MORE.format("textbook_yuan", 20),
        "self_paid_yuan": (
            "greatest(0, tuition_yuan::decimal(12, 2) + accommodation_yuan::decimal(12, 2) "
            "+ textbook_yuan::decimal(12, 2) + 20 - aid_yuan::decimal(12, 2))::decimal(12, 2)::varchar"
        ),
    },
    "education.graduate_destinations": {"major": "if(major = '护理', '学前教育', '护理')"},
    "civil_affairs.low_income_families": {
        "income_per_capita_yuan": _MORE.format("income_per_capita_yuan", 5)
    },
    "civil_affairs.disability_allowances": {"standard_yuan": _MORE.format("standard_yuan", 5)},
    "civil_affairs.vulnerable_persons": {
        "guardianship": "if(guardianship = '自理', '村(居)委会监护', guardianship)"
    },
    "civil_affairs.life_events": {"registrar": "'衔接示范县民政局'"},
    "housing.relocation_quality": {"area_m2": _MORE.format("area_m2", 1)},
    "employment.training": {"hours": "(hours::int + 4)::varchar"},
    "employment.work_subsidies": {"bank_account": _NEW_ACCOUNT.format("bank_account")},
    "employment.workshops": {"average_wage_yuan": _MORE.format("average_wage_yuan", 50)},
    "employment.social_insurance": {"paid_month": "if(status = '参保', '202609', paid_month)"},
    "rural_revitalisation.migrant_work": {"wage_yuan": _MORE.format("wage_yuan", 100)},
    "rural_revitalisation.villages": {
        "collective_income_wan_yuan": _MORE.format("collective_income_wan_yuan", 1)
    },
    "employment.public_posts": {"attendance_days": "(1 + (attendance_days::int + 3) % 26)::varchar"},
    "rural_revitalisation.persons": {
        "phone": f"coalesce({_NEW_PHONE.format('phone')}, '13900000000')",
    },
    "rural_revitalisation.households": {
        "business_income_yuan": _MORE.format("business_income_yuan", 300),
        "net_income_yuan": _MORE.format("net_income_yuan", 300),
        "net_per_capita_yuan": (
            "round((net_income_yuan::decimal(12, 2) + 300) / size_year::int, 2)::decimal(12, 2)::varchar"
        ),
    },
}


def day_query(contract: Contract, source: str, day: dt.date) -> str:
    """The rows of `source` (a table or ``'file.parquet'``) after an ordinary day."""
    per_mille = 150 if contract.dataset == "dropout_ledger" else CHANGED_PER_MILLE
    moment = f"'{day:%Y-%m-%d}'"
    replaced = ", ".join(
        f"if(_moves, {expression.replace('{day}', moment)}, {field}) as {field}"
        for field, expression in _changes(contract).items()
    )
    if not replaced:
        return f"select * from {source}"
    return f"""
        with drawn as (
            select *, hash(_key, {moment}, 'moves', getvariable('seed')) % 1000 < {per_mille} and not _deleted
                and not {is_damaged_sql()} as _moves
            from {source}
        )
        select * exclude (_moves) replace (if(_moves, date {moment}, _since) as _since, {replaced}) from drawn
    """


def _changes(contract: Contract) -> dict[str, str]:
    if contract.id in _CHANGES:
        return _CHANGES[contract.id]
    accounts = [field.name for field in contract.fields if field.kind == "bank_account"]
    return drawn.changes(contract) or {name: _NEW_ACCOUNT.format(name) for name in accounts}


def month_query(contract: Contract, source: str, day: dt.date) -> str | None:
    """On the first of a month, the new month's rows of a monthly dataset; otherwise None."""
    if day.day != 1 or "month" not in {field.name for field in contract.fields}:
        return None
    before = day - dt.timedelta(days=1)
    key = ", ".join(f"'{day:%Y%m}'" if name == "month" else name for name in contract.key)
    stopped = "and end_month is null" if contract.dataset == "dibao" else ""
    return f"""
        select * replace (concat_ws('|', {key}) as _key, '{day:%Y%m}' as month, date '{day}' as _since)
        from {source} where month = '{before:%Y%m}' and not _deleted {stopped}
    """
