-- What the eight rules must find, from the rows that the warehouse should hold. Written apart from the rules'
-- own queries: other engine, other sources, so that a mistake in one does not hide in the other.
-- Needs the believed_* views and the variables on (business date), line (monitor line), window_days, min_families.
create or replace temp table base_person as
select p._id as id_number, p.household_no, p.birth_date::date as birth_date
from believed_rural_revitalisation_persons as p
where p._id is not null;

create or replace temp table base_household as
select household_no, hh_type = '脱贫户' or coalesce(mo_type = '脱贫不稳定户', false) as is_lifted,
    mo_type is not null and coalesce(is_risk_cleared, '否') <> '是' as is_monitored, size_now::int as size_now,
    coalesce(wage_income_yuan::decimal(12, 2), 0) + coalesce(business_income_yuan::decimal(12, 2), 0)
    + coalesce(property_income_yuan::decimal(12, 2), 0) + coalesce(transfer_income_yuan::decimal(12, 2), 0)
    - coalesce(business_cost_yuan::decimal(12, 2), 0) as net_yuan
from believed_rural_revitalisation_households;

create or replace macro age_on_1_september(birth_date) as date_diff('year', birth_date, date '2026-09-01')
    - (birth_date + to_years(date_diff('year', birth_date, date '2026-09-01')::int) > date '2026-09-01')::int;
create or replace macro born(id) as try_cast(strptime(substr(id, 7, 8), '%Y%m%d') as date);

create or replace temp table hit as
with dibao as (
    select 'R-CIV-01' as rule_id, '收入' as family, 'civil_affairs.dibao' as dataset, d._key as key, d._id as id_number,
        b.household_no
    from believed_civil_affairs_dibao as d
    left join base_person as b on d._id = b.id_number
    where d.start_month = strftime(getvariable('on'), '%Y%m') and d.month = d.start_month
        and (d.end_month is null or d.end_month > d.start_month)
), relief_of_household as (
    select r.*, b.household_no, coalesce(b.household_no, 'P-' || coalesce(r._id, r._key)) as home,
        coalesce(r.paid_date, r.approved_date, r.applied_date)::date as granted_on
    from believed_civil_affairs_temporary_relief as r
    left join base_person as b on r._id = b.id_number
), relief as (
    select 'R-CIV-06' as rule_id, '意外' as family, 'civil_affairs.temporary_relief' as dataset,
        arg_max(_key, granted_on) as key, if(any_value(household_no) is null, any_value(_id), null) as id_number,
        any_value(household_no) as household_no
    from relief_of_household
    where granted_on <= getvariable('on') and granted_on > getvariable('on') - interval 12 month
    group by home
    having count(*) >= 2 or max(amount_yuan::decimal(12, 2)) >= 5000
), school as (
    select 'education.dropout_ledger' as dataset, _key, _id
    from believed_education_dropout_ledger
    where status in ('未劝返', '劝返中')
    union all
    select 'education.enrolment', _key, _id from believed_education_enrolment where status = '退学'
), dropped as (
    select 'R-EDU-01' as rule_id, '因学' as family, s.dataset, s._key as key, s._id as id_number, b.household_no
    from school as s
    left join base_person as b on s._id = b.id_number
    where s._id is null or age_on_1_september(born(s._id)) between 6 and 15
), house as (
    select 'R-HOU-01' as rule_id, '住房' as family, 'housing.house_safety' as dataset, h._key as key, h._id as id_number,
        coalesce(h.household_no, b.household_no) as household_no
    from believed_housing_house_safety as h
    left join base_person as b on h._id = b.id_number
    where h.grade in ('C', 'D') and h.is_lived_in = '是'
), watched as (
    select b.id_number, b.household_no
    from base_person as b
    inner join base_household as h on b.household_no = h.household_no
    where h.is_lifted or h.is_monitored
), months as (
    select w.*, f.household_no, lag(w.status) over person as status_before, lag(w.month) over person as month_before,
        lead(w.month) over person as month_after, strptime(w.month, '%Y%m')::date as first_day
    from believed_employment_work_monthly as w
    inner join watched as f on w._id = f.id_number
    where strptime(w.month, '%Y%m') <= getvariable('on')
    window person as (partition by w._id order by w.month)
), jobless as (
    select 'R-EMP-01' as rule_id, '就业' as family, 'employment.work_monthly' as dataset, _key as key, _id as id_number, household_no
    from months
    where month_after is null and status = '失业' and (
        (status_before = '在岗' and strptime(month_before, '%Y%m') = first_day - interval 1 month)
        or ended_date::date >= first_day or unemployed_date::date <= getvariable('on') - 30
    )
), post as (
    select 'R-EMP-02' as rule_id, '就业' as family, 'employment.public_posts' as dataset, p._key as key, p._id as id_number,
        f.household_no
    from believed_employment_public_posts as p
    inner join watched as f on p._id = f.id_number
    where (p.ended_date is null or p.ended_date::date > getvariable('on'))
        and p.contract_end_date::date between getvariable('on') and getvariable('on') + 30
), poor as (
    select 'R-INC-01' as rule_id, '收入' as family, 'rural_revitalisation.households' as dataset, household_no as key,
        null as id_number, household_no
    from base_household
    where is_lifted and size_now > 0 and round(net_yuan / size_now, 2) < getvariable('line')
)
select *, coalesce(household_no, 'P-' || coalesce(id_number, key)) as home from (
    select * from dibao union all select * from relief union all select * from dropped union all select * from house
    union all select * from jobless union all select * from post union all select * from poor
);
