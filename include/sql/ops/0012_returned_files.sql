-- Every file that came back from an office, and what became of it. File names and senders are kept beside the file,
-- never here: people put names into them.
create table ops.returned_file (
    file_id uuid primary key,
    county_code text not null,
    channel text not null,
    department text,
    sha256 text not null,
    bytes bigint not null,
    kind text check (kind in ('returned_rows', 'submission', 'unknown')),
    state text not null default 'collected' check (state in ('collected', 'taken', 'refused', 'failed')),
    error_code text,
    reason text,
    counts jsonb not null default '{}',
    business_date date,
    by_whom text,
    received_at timestamptz not null,
    taken_at timestamptz,
    answered_at timestamptz,
    put_away_at timestamptz
);
create index on ops.returned_file (county_code, received_at);
create index on ops.returned_file (county_code) where put_away_at is null;
