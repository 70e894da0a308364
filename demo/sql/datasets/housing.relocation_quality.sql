with relocated as (
    select *, date '2026-07-01' + (hash(hh, 'inspected', getvariable('seed')) % 60)::int as inspected_date,
        if(u(hh, 'moved house') < 0.72, '无', pick(hh, 'issue', ['渗漏', '开裂', '渗漏、开裂', '电路', '未入住'])) as issues
    from household_state
    where is_base and hh_type <> '一般农户' and u(hh, 'relocated') < greatest(0.07, 400 / getvariable('people'))
), mended as (
    select *, if(issues = '无', '无需整改', pick(hh, 'rectified', ['未整改', '整改中', '整改中', '已整改'])) as rectification
    from relocated
)
select
    null::bigint as _person, hh as _hh,
    hh_no as household_no, head_name, head_id as head_id_number, village_code as division_code,
    pick(town_code, 'site', ['幸福家园', '团结小区', '祥和新村', '惠民小区']) as site_name,
    (1 + hh % 18) || '号楼' || (1 + hh % 4) || '单元' || (101 + hh % 6 * 100) || '室' as address,
    (size * 20)::decimal(9, 2) as area_m2, if(issues = '未入住', null, date '2019-09-01' + (hh % 60)::int) as moved_in_date,
    inspected_date, issues, rectification, if(rectification = '已整改', inspected_date + 15, null) as rectified_date,
    null::varchar as note
from mended
