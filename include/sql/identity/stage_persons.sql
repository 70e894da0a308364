create temporary table candidate_person (
    person_id uuid not null,
    record_key uuid not null,
    name_token uuid,
    department text not null,
    dataset text not null,
    delivery_id text not null,
    business_date date not null
) on commit drop
