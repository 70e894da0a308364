with projects as (
    select h.*, u(h.hh, 'renovated') as draw, date '2026-03-15' + (hash(h.hh, 'approved', getvariable('seed')) % 60)::int as approved_date
    from household_state as h
    where u(h.hh, 'renovated') < case h.hh_type when '监测户' then 0.10 when '脱贫户' then 0.06 else 0.008 end
), staged as (
    select *, u(hh, 'progress') as progress_draw from projects
)
select
    null::bigint as _person, hh as _hh,
    'WG2026' || lpad(hh::varchar, 10, '0') as project_no, 'F' || village_code || lpad(hh::varchar, 10, '0') || '1' as house_no,
    if(is_base, hh_no, null) as household_no, head_name, head_id as head_id_number, village_code as division_code,
    if(u(hh, 'rebuild') < 0.4, '拆除重建', '修缮加固') as renovation_mode,
    case when is_destitute then '分散特困' when has_dibao then '低保户' when mo_type = '突发严重困难户' then '突发严重困难户'
        when hh_type = '监测户' then '易返贫致贫户' when hh_type = '脱贫户' then '其他脱贫户' else '低保边缘' end as target_group,
    if(u(hh, 'rebuild') < 0.4, 35000, 12000)::decimal(12, 2) as subsidy_standard_yuan,
    (if(u(hh, 'rebuild') < 0.4, 35000, 12000) * if(progress_draw < 0.2, 0, if(progress_draw < 0.6, 0.5, 1)))::decimal(12, 2)
        as subsidy_paid_yuan,
    approved_date, date '2026-10-31' as planned_finish_date,
    if(progress_draw < 0.2, null, approved_date + 12 + (hh % 20)::int) as started_date,
    if(progress_draw < 0.6, null, approved_date + 80 + (hh % 20)::int) as finished_date,
    if(progress_draw < 0.8, null, approved_date + 105 + (hh % 10)::int) as accepted_date,
    case when progress_draw < 0.2 then '未开工' when progress_draw < 0.6 then '已开工' when progress_draw < 0.8 then '已竣工'
        else '已验收' end as progress
from staged
