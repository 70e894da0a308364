-- What was handed to whom, and what became of it. Counts and check sums only: no personal value stands here.
create schema reports;
grant usage on schema reports to xianjie_pipeline, xianjie_identity, xianjie_reader;
alter default privileges in schema reports
grant select, insert, update, delete on tables to xianjie_pipeline;
alter default privileges in schema reports grant select on tables to xianjie_reader, xianjie_identity;

-- One edition of one recipient's pack. A pack whose content changed is a new revision, never an overwritten one.
create table reports.pack (
    county_code text not null,
    business_date date not null,
    recipient text not null,
    revision integer not null check (revision >= 1),
    fingerprint text not null,
    counts jsonb not null,
    missing_departments text[] not null,
    changes jsonb not null,
    files jsonb not null,
    built_at timestamptz not null,
    primary key (county_code, business_date, recipient, revision)
);

-- The outbox: one notice a revision. `sending` is written before the first byte goes out and `sent` after the
-- server took it, so a notice found in `sending` may or may not have arrived: it becomes `unknown` and waits
-- for a person, it is never sent again by itself.
create table reports.outbox (
    county_code text not null,
    business_date date not null,
    recipient text not null,
    revision integer not null,
    sha256 text not null,
    state text not null default 'pending' check (
        state in ('pending', 'sending', 'sent', 'failed', 'unknown', 'superseded')
    ),
    attempts integer not null default 0,
    error_code text,
    reason text,
    message_id text not null,
    queued_at timestamptz not null,
    claimed_at timestamptz,
    sent_at timestamptz,
    decided_by text,
    primary key (county_code, business_date, recipient, revision),
    foreign key (county_code, business_date, recipient, revision) references reports.pack
);
create index on reports.outbox (county_code, business_date, state);
