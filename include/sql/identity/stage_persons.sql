create temporary table candidate_person (
    person_id uuid not null,
    is_provisional boolean not null,
    name_masked text,
    name_token uuid,
    id_masked text,
    sex text,
    birth_date date,
    record_key uuid not null
) on commit drop
