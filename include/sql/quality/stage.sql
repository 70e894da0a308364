create temporary table if not exists stage_row (
    kind text not null,
    row_id uuid not null,
    record_key uuid not null,
    row_hash uuid not null,
    copies integer not null,
    source_file text,
    source_line bigint,
    source_row bigint not null
) on commit drop;

create temporary table if not exists stage_finding (
    row_id uuid not null,
    rule_id text not null
) on commit drop;

create temporary table if not exists stage_touched (
    record_key uuid not null,
    row_hash uuid,
    outcome text not null
) on commit drop;

create temporary table if not exists stage_rule (
    rule_id text not null,
    severity text not null,
    field text not null,
    title text not null,
    fix text not null,
    external_number text,
    level smallint
) on commit drop;
