with families as (
    select *, u(hh, 'rigid') < 0.4 as is_rigid, date '2025-11-01' + (hash(hh, 'certified', getvariable('seed')) % 300)::int as certified_date
    from household_state
    where not has_dibao and not is_destitute and u(hh, 'low income') < if(hh_type = '一般农户', 0.008, 0.12)
)
select
    f.hh * 16 + 1 as _person, f.hh as _hh,
    'BY639900' || lpad(f.hh::varchar, 10, '0') as certificate_no, f.head_name, f.head_id as head_id_number,
    f.village_code as division_code, f.size as household_size, if(f.is_rigid, '刚性支出困难家庭', '低保边缘家庭') as family_type,
    (if(f.is_rigid, 700, 485) + floor(u(f.hh, 'margin') * 230))::decimal(12, 2) as income_per_capita_yuan,
    if(f.is_rigid, 60 + floor(u(f.hh, 'rigid share') * 50), null)::decimal(7, 2) as rigid_share_pct,
    f.certified_date, f.certified_date + 364 as valid_until_date
from families as f
